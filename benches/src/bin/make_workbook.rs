//! A large workbook for measurements: whole numbers, decimals, dates, truth values, Chinese text that
//! never repeats, text that does, and a formula in every tenth column. The same bytes every time.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

type Failure = Box<dyn std::error::Error>;

const CITIES: [&str; 8] = ["北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安"];

/// A small generator of numbers (xorshift), enough for data that should look uneven.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), rows, columns) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: make_workbook BOOK.xlsx [ROWS] [COLUMNS] [SHEETS]".into());
    };
    // The library writes no sheet of more than 4 GB of XML.
    let sheets: u32 = arguments.next().map_or(Ok(1), |sheets| sheets.parse())?;
    let rows: u32 = rows.map_or(Ok(1_000_000), |rows| rows.parse())?;
    let columns: u16 = columns.map_or(Ok(10), |columns| columns.parse())?;
    let mut book = Workbook::new();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for sheet in 1..=sheets {
        fill(&mut book, sheet, rows, columns, &mut numbers)?;
    }
    book.save(path)?;
    Ok(())
}

/// Adds a sheet with a heading and so many rows.
fn fill(
    book: &mut Workbook,
    number: u32,
    rows: u32,
    columns: u16,
    numbers: &mut Numbers,
) -> Result<(), Failure> {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let money = Format::new().set_num_format("#,##0.00");
    let sheet = book.add_worksheet_with_low_memory()?;
    sheet.set_name(if number == 1 { "订单".to_owned() } else { format!("订单{number}") })?;
    for column in 0..columns {
        sheet.write(0, column, format!("列{}", column + 1))?;
    }
    for row in 1..=rows {
        for column in 0..columns {
            let number = numbers.next();
            match column % 10 {
                0 => sheet.write(row, column, row)?,
                1 => sheet.write(row, column, format!("客户{row}号的订单说明"))?,
                2 => sheet.write(row, column, (number % 1_000_000) as f64 / 100.0)?,
                3 => sheet.write_with_format(
                    row,
                    column,
                    ExcelDateTime::from_ymd(
                        2000 + (number % 25) as u16,
                        1 + (row % 12) as u8,
                        1 + (row % 28) as u8,
                    )?,
                    &date,
                )?,
                4 => sheet.write(row, column, number.is_multiple_of(2))?,
                5 => sheet.write(row, column, CITIES[(number % 8) as usize])?,
                6 => sheet.write_with_format(
                    row,
                    column,
                    ExcelDateTime::from_serial_datetime(
                        44_000.0 + (number % 86_400_000) as f64 / 86_400.0,
                    )?,
                    &moment,
                )?,
                7 => sheet.write(row, column, number % 100_000)?,
                8 => sheet.write_with_format(
                    row,
                    column,
                    (number % 10_000_019) as f64 / 7.0,
                    &money,
                )?,
                _ => {
                    let formula = format!("C{0}*2+H{0}", row + 1);
                    let result = (number % 1_000_000) as f64 / 50.0;
                    sheet.write(
                        row,
                        column,
                        Formula::new(formula).set_result(result.to_string()),
                    )?
                }
            };
        }
    }
    Ok(())
}
