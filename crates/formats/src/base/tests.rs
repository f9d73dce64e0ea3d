//! Files in, fields and values out, and the same file out again.

use std::fmt::Write as _;
use std::io::Cursor;

use larkspur_model::base::{ImportedBase, UiType, Value};
use larkspur_model::loss::LossKind;
use larkspur_model::workbook::{
    Cell, CellStyle, Font, Rich, RichPart, Row, Sheet, Value as CellValue, Workbook,
};

use super::{
    BaseSource, FieldSource, HEADING, TableSource, ValueReader, heading_style, spool_base,
    value_style,
};
use crate::cells::{ChunkReader, ChunkWriter, Manifest};
use crate::{
    Context, Limits, NoAssets, Options, Unwatched, WorkbookSink, WorkbookSource, by_extension,
};

const OFFSET_MS: i64 = 8 * 3_600_000;

struct Read {
    base: ImportedBase,
    cells: Vec<u8>,
    manifest: Manifest,
    losses: larkspur_model::loss::Losses,
}

fn read(csv: &str, limits: &Limits) -> Read {
    let (options, mut monitor) = (Options::default(), Unwatched);
    let limits = limits.of_base();
    let mut context = Context::new(&limits, &options, &mut monitor);
    let format = by_extension("csv").unwrap();
    let mut input = Cursor::new(csv.as_bytes().to_vec());
    let (cells, manifest, base) =
        spool_base(format, &mut input, Vec::new(), &mut NoAssets, &mut context).unwrap();
    Read { base, cells, manifest, losses: context.losses }
}

impl Read {
    fn field(&self, name: &str) -> &larkspur_model::base::Field {
        let table = &self.base.tables[0];
        table.fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name}"))
    }

    fn ui(&self, name: &str) -> UiType {
        self.field(name).ui
    }

    fn formatter(&self, name: &str) -> &str {
        let property = &self.field(name).property;
        property.formatter.as_deref().or(property.date_formatter.as_deref()).unwrap_or_default()
    }

    fn options(&self, name: &str) -> Vec<&str> {
        let options = self.field(name).property.options.as_ref().expect("it has options");
        options.iter().map(|option| option.name.as_str()).collect()
    }

    /// The values of a field, record by record.
    fn values(&self, name: &str) -> Vec<Option<Value>> {
        let field = self.field(name).clone();
        let mut values = Vec::new();
        let mut reader = ValueReader::new(&self.manifest.workbook.styles, OFFSET_MS);
        let bytes = Cursor::new(self.cells.clone());
        ChunkReader::new(self.manifest.clone(), bytes)
            .rows(0, &mut |row| {
                let cell = row.cells().find(|cell| Some(cell.column) == field.column);
                values.push(cell.and_then(|cell| reader.value(&field, &cell, None)));
                Ok(())
            })
            .unwrap();
        values
    }

    /// What an export of it is.
    fn written(&self, extension: &str) -> Vec<u8> {
        let tables: Vec<TableSource> = self
            .base
            .tables
            .iter()
            .map(|table| TableSource {
                name: table.name.clone(),
                fields: table
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| {
                        let style = 2 + at as u32;
                        FieldSource { field: field.clone(), style, always: None }
                    })
                    .collect(),
                sheet: table.sheet,
                imported: table.records,
                beside: Vec::new(),
                added: 0,
            })
            .collect();
        let mut added = ChunkWriter::new(Vec::new());
        let mut styles = vec![CellStyle::default(), heading_style()];
        styles.extend(self.base.tables[0].fields.iter().map(value_style));
        added.begin(&styles, &[]).unwrap();
        for _ in &tables {
            added.begin_sheet(&Sheet::default()).unwrap();
            added.end_sheet(&Sheet::default()).unwrap();
        }
        let (bytes, manifest) = added.into_parts().unwrap();
        assert_eq!(manifest.workbook.styles[HEADING as usize], heading_style());
        let added = ChunkReader::new(manifest, Cursor::new(bytes));
        let imported = ChunkReader::new(self.manifest.clone(), Cursor::new(self.cells.clone()));
        let typed = extension == "xlsx";
        let mut source = BaseSource::new(tables, Some(imported), added, typed).unwrap();
        let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
        let mut context = Context::new(&limits, &options, &mut monitor);
        let write = by_extension(extension).unwrap().write_workbook.unwrap();
        let mut output = Vec::new();
        write(&mut source, &mut output, &mut context).unwrap();
        output
    }
}

/// A column of these texts below the name.
fn column(name: &str, texts: &[&str]) -> Read {
    let mut csv = format!("标题,{name}\n");
    for (at, text) in texts.iter().enumerate() {
        let _ = writeln!(csv, "行{at},\"{}\"", text.replace('"', "\"\""));
    }
    read(&csv, &Limits::default())
}

#[test]
fn a_column_is_of_the_type_that_every_cell_fits() {
    for (name, texts, ui) in [
        ("金额", &["12", "3.5", "-7"][..], UiType::Number),
        ("金额", &["12", "3.5", "待定"], UiType::Text),
        ("金额", &["¥1,200.50", "¥20"], UiType::Currency),
        ("金额", &["¥1,200.50", "$20"], UiType::Text),
        ("金额", &["¥1,200.50", "20"], UiType::Text),
        ("占比", &["12%", "3.5%"], UiType::Number),
        ("占比", &["12%", "3.5"], UiType::Text),
        ("工号", &["00123", "00456"], UiType::Text),
        ("工号", &["10123", "10456"], UiType::Text),
        ("客户ID", &["1", "2"], UiType::Text),
        ("paid", &["1", "2"], UiType::Number),
        ("订单", &["202403050001", "202403050002"], UiType::Text),
        ("身份", &["1234567890123456789", "1"], UiType::Text),
        ("手机", &["13800138000", "+8613900139000"], UiType::Phone),
        ("数字", &["13800138000", "13900139000"], UiType::Phone),
        ("电话", &["01062345678", "13900139000"], UiType::Phone),
        ("数字", &["62345678", "13900139000"], UiType::Number),
        ("电话", &["010-62345678", "13900139000"], UiType::Text),
        ("日期", &["2024年3月5日", "2024/3/5", "2024-03-05"], UiType::DateTime),
        ("日期", &["2024.03.05", "2024-03-05 10:00"], UiType::DateTime),
        ("日期", &["2024-03-05", "明天"], UiType::Text),
        ("完成", &["TRUE", "FALSE"], UiType::Checkbox),
        ("网址", &["https://a.cn/b", "http://c.cn"], UiType::Url),
        ("网址", &["https://a.cn/b", "无"], UiType::Text),
        ("邮箱", &["a@b.cn", "c.d@e.com"], UiType::Email),
        ("状态", &["是", "否", "是", "否", "是", "是"], UiType::SingleSelect),
        ("状态", &["是", "否"], UiType::Text),
        ("编码", &["甲", "乙", "甲", "乙", "甲", "乙"], UiType::Text),
        ("空", &["", ""], UiType::Text),
    ] {
        assert_eq!(column(name, texts).ui(name), ui, "{name} {texts:?}");
    }
}

#[test]
fn values_mean_what_the_field_says() {
    let dates = column("日期", &["2024年3月5日", "2024/3/5 8:30", "2024.03.05", ""]);
    assert_eq!(dates.formatter("日期"), "yyyy/MM/dd HH:mm");
    let day = 1_709_568_000_000;
    assert_eq!(
        dates.values("日期"),
        [
            Some(Value::Moment(day)),
            Some(Value::Moment(day + 30_600_000)),
            Some(Value::Moment(day)),
            None
        ]
    );
    let money = column("金额", &["¥1,200.50", "¥20"]);
    assert_eq!(money.formatter("金额"), "1,000.00");
    assert_eq!(money.field("金额").property.currency_code.as_deref(), Some("CNY"));
    assert_eq!(money.values("金额"), [Some(Value::Number(1_200.5)), Some(Value::Number(20.0))]);
    let phone = column("手机", &["13800138000", "+8613900139000"]);
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    assert_eq!(phone.values("手机"), [text("13800138000"), text("+8613900139000")]);
    let tags = column("标签", &["VIP;新客", "VIP", "新客;流失", "流失;VIP", "VIP", "新客"]);
    assert_eq!(tags.ui("标签"), UiType::MultiSelect);
    assert_eq!(tags.options("标签"), ["VIP", "新客", "流失"]);
    assert_eq!(
        tags.values("标签")[0],
        Some(Value::Options(vec!["VIP".to_owned(), "新客".to_owned()]))
    );
    let states = column("状态", &["成交", "跟进", "成交", "跟进", "成交", "成交"]);
    assert_eq!(states.options("状态"), ["成交", "跟进"]);
    assert_eq!(states.values("状态")[1], text("跟进"));
}

#[test]
fn names_are_unique_and_none_is_blank() {
    let read = read("名称,金额,金额,,金额 2,\na,1,2,3,4,\nb,5,6,7,8,\n", &Limits::default());
    let names: Vec<&str> =
        read.base.tables[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["名称", "金额", "金额 3", "字段4", "金额 2"]);
    assert!(read.losses.contains(LossKind::ValueChanged));
    assert_eq!(read.base.tables[0].records, 2);
}

#[test]
fn the_limits_cut_exactly_there() {
    let limits = Limits { base_fields: 2, base_records: 3, ..Limits::default() };
    let read = read("a,b,c\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n", &limits);
    assert_eq!((read.base.tables[0].fields.len(), read.base.tables[0].records), (2, 3));
    assert!(read.losses.contains(LossKind::ColumnsCut));
    let cut = read.losses.iter().find(|loss| loss.kind == LossKind::CellsCut).unwrap();
    assert_eq!(cut.count, 2);
}

#[test]
fn an_empty_file_is_an_empty_table() {
    let read = read("", &Limits::default());
    assert_eq!(read.base.tables.len(), 1);
    assert_eq!(read.base.tables[0].fields[0].ui, UiType::Text);
}

/// What a manager of customers keeps, with everything that goes wrong elsewhere.
const CUSTOMERS: &str = "\
客户编号,身份号,客户名称,所属行业,状态,签约日期,手机号,网址,合同金额,折扣,标签,备注,是否VIP\n\
000123,1234567890123456789,北京星河科技有限公司,互联网,成交,2024年3月5日,13800138000,https://xinghe.example.cn,\"1,000.50\",12.5%,重点;老客,\"第一行\n第二行，含\"\"引号\"\"\",是\n\
000124,1234567890123456790,上海云帆贸易,贸易,跟进,2024/3/6,13900139000,http://yunfan.example.com/a?b=1,20,8%,新客,,否\n\
000125,0234567890123456789,广州南粤食品,食品,成交,2024-03-07,+8613700137000,https://nanyue.example.cn,300.00,10.00%,重点;新客,\"多行\n备注\",是\n\
000126,1234567890123456791,深圳前海金服,金融,流失,2024.03.08,13600136000,https://qianhai.example.cn,\"12,345\",9%,老客,=SUM(A1),否\n\
000127,1234567890123456792,杭州西湖软件,互联网,跟进,2024-3-9 9:05,13500135000,https://xihu.example.cn,0.5,15%,新客;老客, 前后空格 ,是\n\
000128,1234567890123456793,成都天府文创,互联网,成交,2024-03-10,13400134000,https://tianfu.example.cn,-7,3.25%,重点,,否\n";

fn parsed(csv: &[u8]) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut record = vec![String::new()];
    let mut quoted = false;
    let mut letters = std::str::from_utf8(csv).unwrap().chars().peekable();
    while let Some(letter) = letters.next() {
        let field = record.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => records.push(std::mem::replace(&mut record, vec![String::new()])),
            other => field.push(other),
        }
    }
    records
}

#[test]
fn a_csv_of_customers_is_a_base_to_be_content_with_and_comes_out_as_it_was() {
    let read = read(CUSTOMERS, &Limits::default());
    for (name, ui) in [
        ("客户编号", UiType::Text),
        ("身份号", UiType::Text),
        ("客户名称", UiType::Text),
        ("所属行业", UiType::Text),
        ("状态", UiType::SingleSelect),
        ("签约日期", UiType::DateTime),
        ("手机号", UiType::Phone),
        ("网址", UiType::Url),
        ("合同金额", UiType::Number),
        ("折扣", UiType::Number),
        ("标签", UiType::MultiSelect),
        ("备注", UiType::Text),
        ("是否VIP", UiType::SingleSelect),
    ] {
        assert_eq!(read.ui(name), ui, "{name}");
    }
    assert_eq!(read.formatter("合同金额"), "1,000.00");
    assert_eq!(read.values("身份号")[2], Some(Value::Text("0234567890123456789".to_owned())));
    assert_eq!(parsed(&read.written("csv")), parsed(CUSTOMERS.as_bytes()));
    assert!(read.losses.is_empty(), "{:?}", read.losses);
}

#[test]
fn a_workbook_written_from_a_base_reads_as_the_same_base() {
    let first = read(CUSTOMERS, &Limits::default());
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let limits = limits.of_base();
    let mut context = Context::new(&limits, &options, &mut monitor);
    let format = by_extension("xlsx").unwrap();
    let mut input = Cursor::new(first.written("xlsx"));
    let (cells, manifest, base) =
        spool_base(format, &mut input, Vec::new(), &mut NoAssets, &mut context).unwrap();
    let Workbook { sheets, .. } = &manifest.workbook;
    assert_eq!((sheets[0].links.len(), sheets[0].row_count), (6, 6));
    let second = Read { base, cells, manifest, losses: context.losses };
    for field in &first.base.tables[0].fields {
        assert_eq!(second.ui(&field.name), field.ui, "{}", field.name);
        assert_eq!(second.values(&field.name), first.values(&field.name), "{}", field.name);
    }
}

/// A workbook of one sheet of packed texts.
struct Rows(Workbook, Vec<Vec<String>>);
impl WorkbookSource for Rows {
    fn workbook(&self) -> &Workbook {
        &self.0
    }
    fn rows(
        &mut self,
        _: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), crate::Error>,
    ) -> Result<(), crate::Error> {
        let mut row = Row::new();
        for (index, cells) in (0..).zip(&self.1) {
            row.start(index);
            for (column, packed) in (0..).zip(cells) {
                let value = CellValue::Rich(Rich::from_packed(packed));
                row.push(Cell { column, style: 0, value, formula: None });
            }
            visit(&row)?;
        }
        Ok(())
    }
}

#[test]
fn text_with_looks_is_text_to_a_base() {
    let bold = Font { bold: true, ..Font::default() };
    let rich = |text: &str| {
        let parts = [
            RichPart::Text { text: text[..2].into(), look: Some(bold.clone()) },
            RichPart::Text { text: text[2..].into(), look: None },
        ];
        Rich::pack(&parts)
    };
    let workbook = Workbook {
        styles: vec![CellStyle::default()],
        sheets: vec![Sheet { name: "S".into(), ..Sheet::default() }],
        ..Workbook::default()
    };
    let rows = [["Name", "Day"], ["Ann", "2024-05-06"], ["Bob", "2024-05-07"]];
    let rows = rows.iter().map(|row| row.iter().map(|text| rich(text)).collect()).collect();
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let xlsx = by_extension("xlsx").unwrap();
    let mut file = Vec::new();
    xlsx.write_workbook.unwrap()(&mut Rows(workbook, rows), &mut file, &mut context).unwrap();
    let limits = limits.of_base();
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut input = Cursor::new(file);
    let (cells, manifest, base) =
        spool_base(xlsx, &mut input, Vec::new(), &mut NoAssets, &mut context).unwrap();
    let losses = context.losses;
    let read = Read { base, cells, manifest, losses };
    assert_eq!((read.ui("Name"), read.ui("Day")), (UiType::Text, UiType::DateTime));
    assert_eq!(read.values("Name")[0], Some(Value::Text("Ann".into())));
    assert!(matches!(read.values("Day")[1], Some(Value::Moment(_))));
    assert!(read.losses.contains(LossKind::FormattingDropped));
}
