//! Links the programs without libc and its start-up code.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The kernel enters at `_start`, which is looked for in the library by name; `-no-pie`, or the
    // linker would leave relocations to a loader that is not there.
    for argument in ["-nostartfiles", "-nodefaultlibs", "-static", "-no-pie", "-Wl,-e,_start"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
