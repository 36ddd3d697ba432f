//! USDT probes.

use tracer_common::record::Usdt;

use super::object::Object;
use crate::views::live::known::Known;

pub(super) fn usdt(out: &mut Object<'_>, usdt: &Usdt, known: &Known) {
    let probe = known.probe(usdt.probe);
    out.task("tid", usdt.tid, "comm").num("probe", usdt.probe);
    out.maybe_text("provider", probe.map(|probe| probe.provider.as_str()));
    out.maybe_text("name", probe.map(|probe| probe.name.as_str()));
    for (index, (key, value)) in ["arg0", "arg1", "arg2"].into_iter().zip(usdt.args).enumerate() {
        out.maybe(key, (usdt.known >> index & 1 != 0).then_some(value));
    }
}
