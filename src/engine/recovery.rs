//! Rebuilds a sale from its journal: the newest snapshot, and the records after it.

use std::ops::ControlFlow;
use std::sync::Arc;

use stanchion_domain::change::{Change, Decided};
use stanchion_domain::limits::NUMBER_FIRST;
use stanchion_domain::sale::Sale;
use stanchion_domain::sale::definition::Definition;
use stanchion_domain::time::{Now, SaleTime, WallTime};

use crate::journal::fault::JournalFault;
use crate::journal::image;
use crate::journal::{Head, History, Record, record};

/// A sale as its journal holds it.
pub(super) struct Recovered {
    pub(super) sale: Sale,
    /// Its newest record.
    pub(super) head: Head,
    /// Counts recoveries of this process.
    pub(super) term: u64,
}

/// Rebuilds the sale; `None` if the journal is empty.
///
/// # Faults
/// Those of reading the journal.
pub(super) fn recover(history: &dyn History) -> Result<Option<(Sale, Head)>, JournalFault> {
    let mut head = Head::default();
    let mut sale = None;
    if let Some(snapshot) = history.snapshot()? {
        match image::decode(&snapshot) {
            Ok(image) => {
                head = Head { sequence: snapshot.sequence, epoch: snapshot.epoch };
                sale = Some(Sale::from_image(image));
            }
            // Of another version, which does not matter as long as every record is still there.
            Err(JournalFault::Format { .. }) if history.oldest()? == 1 => {}
            Err(fault) => return Err(fault),
        }
    }
    history.read_from(head.sequence + 1, &mut |record: Record| {
        head = Head { sequence: record.sequence, epoch: record.epoch };
        match (&mut sale, record.decided.change) {
            (Some(sale), change) => {
                let decided = Decided { change, ..record.decided };
                sale.apply(&decided);
            }
            (None, Change::Created(definition)) => sale = Some(Sale::new(definition)),
            (None, _) => panic!("the first record of a journal creates the sale"),
        }
        ControlFlow::Continue(())
    })?;
    if let Some(sale) = &mut sale {
        sale.check_invariants();
        sale.take_forgotten();
    }
    Ok(sale.map(|sale| (sale, head)))
}

/// What a start changes, as records that are still to be appended: the sale, if it is new, and that
/// serving begins. The sale that is returned has them applied. `None` if there is neither a sale
/// nor a definition.
///
/// # Faults
/// [`JournalFault::LargeDefinition`] if no record holds the definition.
pub(super) fn begin(
    recovered: Option<(Sale, Head)>,
    definition: Option<Arc<Definition>>,
    wall: WallTime,
) -> Result<Option<(Sale, Head, Vec<Record>)>, JournalFault> {
    let (sale, head) = recovered.unzip();
    let records = first(sale.as_ref(), head.unwrap_or_default(), definition, wall)?;
    Ok(started(sale, &records).map(|(sale, head)| (sale, head, records)))
}

/// The records with which serving begins after `head`, under the next epoch; none if there is
/// neither a sale nor a definition.
///
/// The numbers below the first are reserved before the start of a new sale, which sets them aside
/// with all that were reserved before a start; so nobody is given them.
///
/// # Faults
/// [`JournalFault::LargeDefinition`] if no record holds the definition.
pub(super) fn first(
    sale: Option<&Sale>,
    head: Head,
    definition: Option<Arc<Definition>>,
    wall: WallTime,
) -> Result<Vec<Record>, JournalFault> {
    let mut changes = Vec::new();
    match (sale, definition) {
        (Some(_), _) => {}
        (None, None) => return Ok(Vec::new()),
        (None, Some(definition)) => {
            record::check_definition(&definition)?;
            changes.push(Change::Created(definition));
            changes.push(Change::Reserved { until: NUMBER_FIRST });
        }
    }
    changes.push(Change::Started);
    let now = Now { sale: sale.map_or(SaleTime(0), Sale::now), wall };
    let epoch = head.epoch + 1;
    let record = |(sequence, change)| {
        let decided = Decided { now, request: None, change };
        Record { sequence, epoch, decided }
    };
    Ok((head.sequence + 1..).zip(changes).map(record).collect())
}

/// The sale once its first records are in; `None` if there are none.
pub(super) fn started(mut sale: Option<Sale>, records: &[Record]) -> Option<(Sale, Head)> {
    for Record { decided, .. } in records {
        match (&mut sale, &decided.change) {
            (Some(sale), _) => sale.apply(decided),
            (None, Change::Created(definition)) => sale = Some(Sale::new(definition.clone())),
            (None, _) => panic!("the first record of a journal creates the sale"),
        }
    }
    let Record { sequence, epoch, .. } = records.last()?;
    Some((sale?, Head { sequence: *sequence, epoch: *epoch }))
}
