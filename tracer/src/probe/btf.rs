//! What the running kernel's BTF says: where fields are, and what tracepoints pass.

use std::collections::BTreeMap;

use btf_rs::{Btf, BtfType, Struct, Type};
use thiserror::Error;
use tracer_common::field::{ABSENT, COUNT, FIELDS, Field};

/// Where the kernel shows its BTF.
pub const PATH: &str = "/sys/kernel/btf/vmlinux";

/// Why the kernel's BTF cannot be used.
#[derive(Debug, Error)]
#[error(
    "cannot read the kernel's type information {PATH}; \
     tracer needs a kernel built with CONFIG_DEBUG_INFO_BTF"
)]
pub struct BtfError {
    source: btf_rs::Error,
}

/// The running kernel's types.
pub struct KernelTypes(Btf);

/// A member found: its offset in bits, and its type.
struct Found {
    bits: u32,
    of: Type,
}

impl KernelTypes {
    /// Reads the running kernel's BTF.
    ///
    /// # Errors
    /// [`BtfError`]: there is none, or it is not understood.
    pub fn read() -> Result<Self, BtfError> {
        // Mapping is quicker, and only kernels from 6.16 on allow it.
        Btf::from_file_with_backend(PATH, btf_rs::Backend::Mmap)
            .or_else(|_not_mappable| Btf::from_file(PATH))
            .map(Self)
            .map_err(|source| BtfError { source })
    }

    /// Offsets of all [`FIELDS`], [`ABSENT`] for those this kernel does not have, and the same by
    /// name for the ones that it has.
    pub fn layout(&self) -> ([u32; COUNT], BTreeMap<String, u32>) {
        self.offsets(&FIELDS)
    }

    /// The same of any table.
    pub(super) fn offsets<const N: usize>(
        &self,
        fields: &[Field; N],
    ) -> ([u32; N], BTreeMap<String, u32>) {
        let mut offsets = [ABSENT; N];
        let mut named = BTreeMap::new();
        for (slot, field) in offsets.iter_mut().zip(fields) {
            if let Some((path, offset)) = self.field(field) {
                *slot = offset;
                named.insert(format!("{}.{path}", field.of), offset);
            }
        }
        (offsets, named)
    }

    /// How many arguments a tracepoint passes; `None` if this kernel does not have it.
    pub fn tracepoint_args(&self, tracepoint: &str) -> Option<usize> {
        let name = format!("btf_trace_{tracepoint}");
        let types = self.0.resolve_types_by_name(&name).ok()?;
        // A typedef of a pointer to the prototype, whose first parameter is the callback's data.
        let typedef = types.into_iter().find(|found| matches!(found, Type::Typedef(_)))?;
        let pointer = self.0.resolve_chained_type(typedef.as_btf_type()?).ok()?;
        let prototype = self.0.resolve_chained_type(pointer.as_btf_type()?).ok()?;
        match prototype {
            Type::FuncProto(prototype) => Some(prototype.parameters.len().saturating_sub(1)),
            _ => None,
        }
    }

    /// Whether the kernel has a function of this name that programs can attach to.
    pub fn has_function(&self, name: &str) -> bool {
        let types = self.0.resolve_types_by_name(name).unwrap_or_default();
        types.iter().any(|found| matches!(found, Type::Func(_)))
    }

    fn field(&self, field: &Field) -> Option<(&'static str, u32)> {
        let root = self.structure(field.of)?;
        field.paths.iter().find_map(|&path| {
            let found = self.walk(&root, path)?;
            let sized = field.size == 0 || self.size(&found.of) == Some(field.size as usize);
            (sized && found.bits % 8 == 0).then_some((path, found.bits / 8))
        })
    }

    fn structure(&self, name: &str) -> Option<Struct> {
        let types = self.0.resolve_types_by_name(name).ok()?;
        types.into_iter().find_map(|found| match found {
            Type::Struct(found) if !found.members.is_empty() => Some(found),
            _ => None,
        })
    }

    fn walk(&self, root: &Struct, path: &str) -> Option<Found> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
        let found = self.member(root, first)?;
        let Some(rest) = rest else { return Some(found) };
        let (Type::Struct(inner) | Type::Union(inner)) = self.resolved(found.of)? else {
            return None;
        };
        let deeper = self.walk(&inner, rest)?;
        Some(Found { bits: found.bits + deeper.bits, of: deeper.of })
    }

    /// A member by name, also within anonymous structures and unions, as C finds it.
    fn member(&self, of: &Struct, name: &str) -> Option<Found> {
        of.members.iter().find_map(|member| {
            let own = self.0.resolve_name(member).unwrap_or_default();
            let bits = member.bit_offset();
            if own == name {
                return Some(Found { bits, of: self.0.resolve_chained_type(member).ok()? });
            }
            if !own.is_empty() {
                return None;
            }
            match self.resolved(self.0.resolve_chained_type(member).ok()?)? {
                Type::Struct(inner) | Type::Union(inner) => {
                    let found = self.member(&inner, name)?;
                    Some(Found { bits: bits + found.bits, of: found.of })
                }
                _ => None,
            }
        })
    }

    /// The type behind typedefs and qualifiers.
    fn resolved(&self, mut of: Type) -> Option<Type> {
        loop {
            let behind = match &of {
                Type::Typedef(found) => self.0.resolve_chained_type(found),
                Type::Volatile(found) | Type::Const(found) | Type::Restrict(found) => {
                    self.0.resolve_chained_type(found)
                }
                Type::TypeTag(found) => self.0.resolve_chained_type(found),
                Type::DeclTag(found) => self.0.resolve_chained_type(found),
                _ => return Some(of),
            };
            of = behind.ok()?;
        }
    }

    fn size(&self, of: &Type) -> Option<usize> {
        match self.resolved(of.clone())? {
            Type::Int(found) => Some(found.size()),
            Type::Ptr(_) => Some(size_of::<u64>()),
            Type::Struct(found) | Type::Union(found) => Some(found.size()),
            Type::Enum(found) => Some(found.size()),
            Type::Enum64(found) => Some(found.size()),
            Type::Array(found) => {
                let element = self.0.resolve_chained_type(&found as &dyn BtfType).ok()?;
                Some(self.size(&element)? * found.len())
            }
            _ => None,
        }
    }
}
