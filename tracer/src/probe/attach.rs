//! Hanging the programs on the kernel, and taking them off.

use aya::programs::{BtfTracePoint, FEntry, FExit, Program};

use super::btf::KernelTypes;
use super::calls::{self, Recorded};
use super::error::LoadError;
use super::family::Family;
use super::load::{Probes, Settings, Target, program, refused};
use super::programs::{CGROUP_PROGRAM, PROGRAMS, SYSCALL_PROGRAMS};
use crate::source::recording::Attached;

impl Probes {
    /// Attaches what the settings ask for. What this kernel lacks is noted in `missing`.
    pub(super) fn attach(
        &mut self,
        settings: &Settings,
        types: &KernelTypes,
    ) -> Result<(), LoadError> {
        for listed in PROGRAMS {
            let Some(&family) = listed.families.iter().find(|f| settings.families.has(**f)) else {
                continue;
            };
            match self.attach_tracepoint(listed.tracepoint, types) {
                Ok(()) => self.note(family, listed.tracepoint),
                Err(error) if listed.required => return Err(error),
                Err(LoadError::Lacking(_)) if listed.optional => {}
                Err(error) => self.missing.push(chain(&error)),
            }
        }
        if matches!(settings.target, Target::Cgroup { .. }) {
            self.attach_tracepoint(CGROUP_PROGRAM, types)?;
        }
        self.attach_calls(settings, types);
        self.attach_usdt(&settings.usdt);
        Ok(())
    }

    fn note(&mut self, family: Family, program: &str) {
        let family = family.name().to_owned();
        self.attached.push(Attached { family, program: program.to_owned() });
    }

    fn attach_tracepoint(&mut self, name: &str, types: &KernelTypes) -> Result<(), LoadError> {
        if types.tracepoint_args(name).is_none() {
            return Err(LoadError::Lacking(format!("tracepoint {name}")));
        }
        let Self { bpf, btf, .. } = self;
        let program: &mut BtfTracePoint = program(bpf, name)?;
        program.load(name, btf).map_err(|source| refused(name, source))?;
        program.attach().map_err(|source| refused(name, source))?;
        Ok(())
    }

    /// The recorded calls: each by itself where the kernel allows it, so that no other call pays
    /// for them; else all through the tracepoints of every call.
    fn attach_calls(&mut self, settings: &Settings, types: &KernelTypes) {
        let mut calls: Vec<Recorded> = calls::recorded(&settings.families).collect();
        let Some(first) = calls.first_mut() else { return };
        // The first tells for all whether this kind of program is allowed at all.
        let mut tried = self.attach_call(*first);
        if let (Err(_), Some(other)) = (&tried, first.instead()) {
            *first = other;
            tried = self.attach_call(other);
        }
        let first = *first;
        if let Err(error) = &tried
            && !is_forbidden(error)
        {
            self.missing.push(format!("{}; seen by sys_enter and sys_exit instead", chain(error)));
        }
        if tried.is_ok() {
            self.note(first.family, &first.function());
            for call in &calls[1..] {
                let function = call.function();
                // A kernel older than a call cannot have anybody use it.
                if !types.has_function(&function) && call.is_recent() {
                    continue;
                }
                match self.attach_call(*call) {
                    Ok(()) => self.note(call.family, &function),
                    Err(error) => self.missing.push(chain(&error)),
                }
            }
            return;
        }
        for name in SYSCALL_PROGRAMS.map(|listed| listed.tracepoint) {
            match self.attach_tracepoint(name, types) {
                Ok(()) => self.note(first.family, name),
                Err(error) => self.missing.push(chain(&error)),
            }
        }
    }

    fn attach_call(&mut self, call: Recorded) -> Result<(), LoadError> {
        let (function, (enter, exit)) = (call.function(), call.programs());
        let Self { bpf, btf, .. } = self;
        if let Some(exit) = exit {
            let program: &mut FExit = program(bpf, &exit)?;
            program.load(&function, btf).map_err(|source| refused(&exit, source))?;
            program.attach().map_err(|source| refused(&exit, source))?;
        }
        let program: &mut FEntry = program(bpf, &enter)?;
        program.load(&function, btf).map_err(|source| refused(&enter, source))?;
        program.attach().map_err(|source| refused(&enter, source))?;
        Ok(())
    }

    /// Takes all programs off; what they sent stays in the rings.
    ///
    /// # Errors
    /// [`LoadError::Program`].
    pub fn detach(&mut self) -> Result<(), LoadError> {
        self.hung.take_off();
        for (name, program) in self.bpf.programs_mut() {
            if program.fd().is_err() {
                continue;
            }
            let unloaded = match program {
                Program::BtfTracePoint(program) => program.unload(),
                Program::FEntry(program) => program.unload(),
                Program::FExit(program) => program.unload(),
                Program::UProbe(program) => program.unload(),
                _ => Ok(()),
            };
            unloaded.map_err(|source| refused(name, source))?;
        }
        Ok(())
    }
}

/// Whether the kernel refuses this kind of program altogether (`EPERM`), not this one.
fn is_forbidden(error: &LoadError) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
        if io == Some(libc::EPERM) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An error with its causes in one line; of a verifier's log only the first line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        line = format!("{line}: {first}");
        cause = error.source();
    }
    line
}
