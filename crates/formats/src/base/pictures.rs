//! Pictures of a workbook become attachments of the records whose cells they stand over or in.

use std::collections::HashMap;

use larkspur_model::base::{Field, ImportedBase, ImportedPicture, Property, UiType};
use larkspur_model::document::AssetId;
use larkspur_model::loss::{LossKind, Losses};

use super::sink::{Ground, unique_name};
use crate::document_builder::PictureKind;
use crate::xlsx::{PicturePlace, PictureSink};
use crate::{AssetSink, Error};

/// Puts pictures where they belong.
pub(super) struct Hanger<'a> {
    base: &'a mut ImportedBase,
    grounds: &'a [Ground],
    /// Cells that call pictures by name.
    named: &'a HashMap<String, Vec<(u32, u32, u32)>>,
    assets: &'a mut dyn AssetSink,
    most: usize,
    /// The field that takes the pictures of a column, by table and column.
    fields: HashMap<(u32, u32), u32>,
    /// Where the next picture goes.
    targets: Vec<(u32, u32, u32)>,
}

impl<'a> Hanger<'a> {
    pub(super) fn new(
        base: &'a mut ImportedBase,
        grounds: &'a [Ground],
        named: &'a HashMap<String, Vec<(u32, u32, u32)>>,
        assets: &'a mut dyn AssetSink,
        most: usize,
    ) -> Self {
        Self { base, grounds, named, assets, most, fields: HashMap::new(), targets: Vec::new() }
    }

    /// The record and column below a picture over a cell, or why there is none.
    fn below(&self, sheet: u32, row: u32, column: u32) -> Result<(u32, u32, u32), LossKind> {
        let ground = self.grounds.get(sheet as usize).ok_or(LossKind::ImageBelowData)?;
        let table = ground.table.ok_or(LossKind::ImageBelowData)?;
        let last = ground.places.last_row();
        if last.is_none_or(|last| row > last) {
            return Err(LossKind::ImageBelowData);
        }
        if ground.columns.last().is_none_or(|last| column > *last) {
            return Err(LossKind::ImageRightOfData);
        }
        let record = ground.places.record(row).ok_or(LossKind::ImageFailed)?;
        Ok((table, record, column))
    }

    /// The field that takes the pictures over a column: the column's own where it holds nothing else,
    /// else one behind all others.
    fn field(&mut self, table: u32, column: u32, blank: bool) -> u32 {
        if let Some(field) = self.fields.get(&(table, column)) {
            return *field;
        }
        let fields = &mut self.base.tables[table as usize].fields;
        let own = fields.iter().position(|field| field.column == Some(column));
        let field = match own {
            Some(own) if blank && own > 0 => {
                fields[own].ui = UiType::Attachment;
                fields[own].property = Property::default();
                own
            }
            _ => {
                let name =
                    own.map_or_else(|| "Pictures".to_owned(), |own| fields[own].name.clone());
                let name = if name.is_ascii() {
                    format!("{name} pictures")
                } else {
                    format!("{name}图片")
                };
                let name = unique_name(name, fields.iter().map(|field| field.name.clone()));
                fields.push(Field::new(name, UiType::Attachment));
                fields.len() - 1
            }
        } as u32;
        self.fields.insert((table, column), field);
        field
    }
}

impl PictureSink for Hanger<'_> {
    fn wants(&mut self, place: &PicturePlace, losses: &mut Losses) -> bool {
        self.targets.clear();
        let nowhere = Vec::new();
        let (cells, one);
        match place {
            PicturePlace::Named(name) => cells = self.named.get(name).unwrap_or(&nowhere),
            PicturePlace::Cell(sheet, row, column) => {
                one = vec![(*sheet, *row, *column)];
                cells = &one;
            }
        }
        for (sheet, row, column) in cells.clone() {
            match self.below(sheet, row, column) {
                Ok(target) if self.base.pictures.len() + self.targets.len() < self.most => {
                    self.targets.push(target);
                }
                Ok(_) => {
                    losses.add(LossKind::ImagesCut, "", format!("pictures after {}", self.most));
                }
                Err(kind) => {
                    let cell = larkspur_model::workbook::column_name(column);
                    let place = format!("sheet {}, cell {cell}{}", sheet + 1, row + 1);
                    losses.add(kind, place, "a picture where no record is");
                }
            }
        }
        !self.targets.is_empty()
    }

    fn put(&mut self, kind: &PictureKind, bytes: &[u8]) -> Result<(), Error> {
        for (table, record, column) in std::mem::take(&mut self.targets) {
            let of_table = |ground: &&Ground| ground.table == Some(table);
            let ground = self.grounds.iter().find(of_table);
            let blank = ground.is_some_and(|ground| ground.blank.contains(&column));
            let field = self.field(table, column, blank);
            let number = self.base.pictures.len();
            let id = AssetId(u32::try_from(number).unwrap_or(u32::MAX));
            self.assets.put(id, &mut &*bytes)?;
            self.base.pictures.push(ImportedPicture {
                table,
                record,
                field,
                name: format!("image{}.{}", number + 1, kind.extension),
                media_type: kind.media_type.to_owned(),
            });
        }
        Ok(())
    }
}
