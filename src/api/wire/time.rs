//! Instants as the interface writes them: RFC 3339 in UTC with milliseconds.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use stanchion_domain::time::{Now, SaleTime, WallTime};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// An instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment(pub WallTime);

impl Moment {
    /// When a deadline of sale time will come, if sale time runs on as wall time does.
    pub fn of_sale(at: SaleTime, now: Now) -> Self {
        let ahead_ms = i64::try_from(at.since(now.sale).0).unwrap_or(i64::MAX);
        Self(WallTime(now.wall.0.saturating_add(ahead_ms)))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let timestamp = Timestamp::from_millisecond(self.0.0).unwrap_or(Timestamp::MAX);
        serializer.collect_str(&format_args!("{timestamp:.3}"))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let timestamp = Timestamp::deserialize(deserializer)?;
        Ok(Self(WallTime(timestamp.as_millisecond())))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let instant = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, UTC, milliseconds"));
        RefOr::T(Schema::Object(instant.build()))
    }
}

impl ToSchema for Moment {}
