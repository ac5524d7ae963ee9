use std::io;

use provost_model::{Node, Value};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};

use crate::documents::Unseen;
use crate::limits::Exceeded;
use crate::meter::Meter;

/// Writes a node as JSON text for the guest, as far as its budget lasts.
pub(crate) fn write(node: &Node, meter: &mut Meter) -> wasmtime::Result<String> {
    let mut out = Metered { meter, bytes: Vec::new(), exceeded: None };
    let written = serde_json::to_writer(&mut out, &Json(node));
    match (out.exceeded, written) {
        (Some(exceeded), _) => Err(exceeded.into()),
        (None, Err(error)) => match node.opaque() {
            Some(opaque) => Err(Unseen::of(opaque).into()),
            None => Err(error.into()),
        },
        (None, Ok(())) => Ok(String::from_utf8(out.bytes)?),
    }
}

/// A node as JSON, keys in source order; numbers that JSON cannot hold become `null`.
struct Json<'n>(&'n Node);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => serializer.serialize_i64(*value),
            Value::Number(value) => serializer.serialize_f64(*value),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(Json)),
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for entry in entries {
                    map.serialize_entry(&entry.key, &Json(&entry.value))?;
                }
                map.end()
            }
            Value::Opaque(opaque) => Err(S::Error::custom(opaque)),
        }
    }
}

/// Bytes for the guest, counted before they are kept.
struct Metered<'m> {
    meter: &'m mut Meter,
    bytes: Vec<u8>,
    exceeded: Option<Exceeded>,
}

impl io::Write for Metered<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(exceeded) = self.meter.hand_over(bytes.len()) {
            self.exceeded = Some(exceeded);
            return Err(io::Error::other("a limit was exceeded"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
