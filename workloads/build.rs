//! Links `bare` without libc and its start-up code.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // `-no-pie`, or the linker would leave relocations to a loader that is not there.
    for argument in ["-nostartfiles", "-nodefaultlibs", "-static", "-no-pie"] {
        println!("cargo::rustc-link-arg-bin=bare={argument}");
    }
}
