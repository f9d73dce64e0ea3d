//! A sink on a thread of its own: one core reads rows while the next one writes them. Rows go over in
//! batches whose memory comes back; at most a few are under way.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Builder, Scope, ScopedJoinHandle};

use larkspur_model::workbook::{CellStyle, DefinedName, Row, Sheet};

use crate::{Error, WorkbookSink};

type SendSink<'a> = dyn WorkbookSink + Send + 'a;

/// Bytes of rows that make a batch.
const BATCH_BYTES: usize = 128 << 10;
/// Rows that make a batch.
const BATCH_ROWS: usize = 256;
/// Bytes of a row's memory that are kept for the next one.
const KEPT_BYTES: usize = 4 << 10;
/// Bytes from which a row goes over alone, and the reader waits: there is never a second one.
const HEAVY_BYTES: usize = 1 << 20;
/// Batches that wait for the sink.
const WAITING: usize = 2;
/// Bytes of rows after which a thread is worth its start.
const THREAD_BYTES: usize = 1 << 20;

/// Runs `work` with a sink that hands everything on to `sink`: after the first MiB of rows on another
/// thread, where there is a core for it. Takes a few batches of memory, or one copy of the widest
/// row.
///
/// # Errors
/// What `sink` gave up on, else what `work` did.
pub fn pipelined<T>(
    sink: &mut (dyn WorkbookSink + Send),
    work: impl FnOnce(&mut dyn WorkbookSink) -> Result<T, Error>,
) -> Result<T, Error> {
    if thread::available_parallelism().map_or(1, usize::from) == 1 {
        return work(sink);
    }
    thread::scope(|scope| {
        let mut front = Front { scope, side: Side::Here { sink, seen: 0 } };
        let done = work(&mut front);
        match front.side {
            Side::Here { .. } => done,
            Side::There(there) => there.close(done),
        }
    })
}

/// What the reader sees.
struct Front<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    side: Side<'scope, 'env>,
}

enum Side<'scope, 'env> {
    /// The sink works on the reader's thread, and has seen so many bytes of rows.
    Here {
        sink: &'env mut SendSink<'env>,
        seen: usize,
    },
    There(There<'scope>),
}

/// The sink works on another thread.
struct There<'scope> {
    messages: SyncSender<Message>,
    replies: Receiver<bool>,
    spent: Receiver<Batch>,
    batch: Batch,
    wants_rows: bool,
    thread: ScopedJoinHandle<'scope, Result<(), Error>>,
}

/// What goes over. All but batches are answered with whether the sink wants rows.
enum Message {
    Begin(Vec<CellStyle>, Vec<String>),
    Names(Vec<DefinedName>),
    BeginSheet(Box<Sheet>),
    Rows(Batch),
    HeavyRow(Row),
    EndSheet(Box<Sheet>),
    Finish,
}

/// Rows, the first `used` of which count.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    used: usize,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, row: &Row) {
        match self.rows.get_mut(self.used) {
            Some(slot) => slot.clone_from(row),
            None => self.rows.push(row.clone()),
        }
        self.used += 1;
        self.bytes += row.size_bytes();
    }

    /// Empties the batch; memory of wide rows is given back.
    fn clear(&mut self) {
        for row in &mut self.rows[..self.used] {
            if row.size_bytes() > KEPT_BYTES {
                *row = Row::new();
            }
        }
        (self.used, self.bytes) = (0, 0);
    }

    const fn is_full(&self) -> bool {
        self.used >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }
}

/// The error of a reader whose sink has ended; the sink's own is reported in its place.
fn gone() -> Error {
    Error::Io(io::Error::new(io::ErrorKind::BrokenPipe, "the writing has ended"))
}

fn serve(
    sink: &mut SendSink<'_>,
    messages: Receiver<Message>,
    replies: &Sender<bool>,
    spent: &Sender<Batch>,
) -> Result<(), Error> {
    for message in messages {
        match message {
            Message::Rows(mut batch) => {
                for row in &batch.rows[..batch.used] {
                    sink.row(row)?;
                }
                batch.clear();
                // The reader may have ended.
                let _ = spent.send(batch);
                continue;
            }
            Message::Begin(styles, names) => sink.begin(&styles, &names)?,
            Message::Names(names) => sink.names(&names)?,
            Message::BeginSheet(sheet) => sink.begin_sheet(&sheet)?,
            Message::HeavyRow(row) => sink.row(&row)?,
            Message::EndSheet(sheet) => sink.end_sheet(&sheet)?,
            Message::Finish => sink.finish()?,
        }
        let _ = replies.send(sink.wants_rows());
    }
    Ok(())
}

impl There<'_> {
    fn send_batch(&mut self) -> Result<(), Error> {
        if self.batch.used == 0 {
            return Ok(());
        }
        let next = self.spent.try_recv().unwrap_or_default();
        let batch = std::mem::replace(&mut self.batch, next);
        self.messages.send(Message::Rows(batch)).map_err(|_| gone())
    }

    /// Sends what is answered, after the rows before it, and waits for the answer.
    fn ask(&mut self, message: Message) -> Result<(), Error> {
        self.send_batch()?;
        self.messages.send(message).map_err(|_| gone())?;
        self.wants_rows = self.replies.recv().map_err(|_| gone())?;
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        if row.size_bytes() >= HEAVY_BYTES {
            return self.ask(Message::HeavyRow(row.clone()));
        }
        self.batch.push(row);
        if self.batch.is_full() { self.send_batch() } else { Ok(()) }
    }

    /// Waits for the sink to end, and says how it all went.
    fn close<T>(self, done: Result<T, Error>) -> Result<T, Error> {
        drop(self.messages);
        match self.thread.join() {
            Ok(served) => served.and(done),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl<'env> Front<'_, 'env> {
    /// Moves the sink to another thread; it stays where the machine refuses one.
    fn move_over(&mut self) {
        let (messages, receive_messages) = sync_channel(WAITING);
        let (send_replies, replies) = channel();
        let (send_spent, spent) = channel();
        let (hand_over, take_over) = channel::<&'env mut SendSink<'env>>();
        let started = Builder::new().name("sink".into()).spawn_scoped(self.scope, move || {
            let Ok(sink) = take_over.recv() else { return Ok(()) };
            serve(sink, receive_messages, &send_replies, &send_spent)
        });
        let Ok(thread) = started else { return };
        let batch = Batch::default();
        let there = There { messages, replies, spent, batch, wants_rows: true, thread };
        if let Side::Here { sink, .. } = std::mem::replace(&mut self.side, Side::There(there)) {
            // Nothing else has the other end, so it is there; without it every message fails.
            let _ = hand_over.send(sink);
        }
    }
}

impl WorkbookSink for Front<'_, '_> {
    fn begin(&mut self, styles: &[CellStyle], names: &[String]) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, .. } => sink.begin(styles, names),
            Side::There(there) => there.ask(Message::Begin(styles.to_vec(), names.to_vec())),
        }
    }

    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, .. } => sink.names(names),
            Side::There(there) => there.ask(Message::Names(names.to_vec())),
        }
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, .. } => sink.begin_sheet(sheet),
            Side::There(there) => there.ask(Message::BeginSheet(Box::new(sheet.clone()))),
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, seen } => {
                sink.row(row)?;
                *seen += row.size_bytes();
                if *seen < THREAD_BYTES {
                    return Ok(());
                }
                *seen = 0;
            }
            Side::There(there) => return there.row(row),
        }
        self.move_over();
        Ok(())
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, .. } => sink.end_sheet(sheet),
            Side::There(there) => there.ask(Message::EndSheet(Box::new(sheet.clone()))),
        }
    }

    fn finish(&mut self) -> Result<(), Error> {
        match &mut self.side {
            Side::Here { sink, .. } => sink.finish(),
            Side::There(there) => there.ask(Message::Finish),
        }
    }

    fn wants_rows(&self) -> bool {
        match &self.side {
            Side::Here { sink, .. } => sink.wants_rows(),
            Side::There(there) => there.wants_rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::workbook::{Cell, Value};

    use super::*;

    /// Keeps all it is given as lines, and fails at a row.
    #[derive(Default)]
    struct Journal {
        lines: Vec<String>,
        fails_at: Option<u32>,
        sheets: usize,
    }

    impl WorkbookSink for Journal {
        fn begin(&mut self, styles: &[CellStyle], names: &[String]) -> Result<(), Error> {
            self.lines.push(format!("begin {} {names:?}", styles.len()));
            Ok(())
        }
        fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
            self.sheets += 1;
            self.lines.push(format!("begin {}", sheet.name));
            Ok(())
        }
        fn row(&mut self, row: &Row) -> Result<(), Error> {
            if self.fails_at == Some(row.index()) {
                return Err(Error::damaged("row"));
            }
            let lengths: Vec<String> = row
                .cells()
                .map(|cell| match cell.value {
                    Value::Text(text) => format!("{}:{}", cell.column, text.len()),
                    other => format!("{}:{other:?}", cell.column),
                })
                .collect();
            self.lines.push(format!("{} {}", row.index(), lengths.join(" ")));
            Ok(())
        }
        fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
            self.lines.push(format!("end {}", sheet.row_count));
            Ok(())
        }
        fn finish(&mut self) -> Result<(), Error> {
            self.lines.push("finish".to_owned());
            Ok(())
        }
        fn wants_rows(&self) -> bool {
            self.sheets != 2
        }
    }

    /// Three sheets of rows of all sizes.
    fn produce(sink: &mut dyn WorkbookSink) -> Result<bool, Error> {
        let mut second_wanted = true;
        sink.begin(&[CellStyle::default()], &["a".to_owned()])?;
        for number in 0..3 {
            let sheet = Sheet { name: format!("s{number}"), row_count: 9, ..Sheet::default() };
            sink.begin_sheet(&sheet)?;
            if number == 1 {
                second_wanted = sink.wants_rows();
            }
            let mut row = Row::new();
            for index in 0..3_000_u32 {
                row.start(index);
                let length =
                    if index % 1_000 == 7 { 2 << 20 } else { (index as usize * 37) % 9_000 };
                let text = "x".repeat(length);
                let cells = [Value::Number(f64::from(index)), Value::Text(&text)];
                for (column, value) in (0..).zip(cells) {
                    row.push(Cell { column, style: 0, value, formula: None });
                }
                sink.row(&row)?;
            }
            sink.end_sheet(&sheet)?;
        }
        sink.finish()?;
        Ok(second_wanted)
    }

    #[test]
    fn a_sink_sees_the_same_on_its_own_thread() {
        let (mut here, mut there) = (Journal::default(), Journal::default());
        assert!(!produce(&mut here).unwrap());
        assert!(!pipelined(&mut there, produce).unwrap());
        assert_eq!(here.lines.len(), there.lines.len());
        assert_eq!(here.lines, there.lines);
    }

    #[test]
    fn errors_of_either_side_come_out() {
        for row in [0, 7, 2_500] {
            let mut sink = Journal { fails_at: Some(row), ..Journal::default() };
            let error = pipelined(&mut sink, produce).unwrap_err();
            assert!(matches!(error, Error::Damaged(_)), "{error}");
        }
        let mut sink = Journal::default();
        let error = pipelined(&mut sink, |sink| {
            produce(sink)?;
            Err::<(), _>(Error::Encrypted)
        });
        assert!(matches!(error, Err(Error::Encrypted)));
        assert_eq!(sink.lines.last().map(String::as_str), Some("finish"));
    }
}
