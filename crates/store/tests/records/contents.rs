//! Documents and spreadsheets: revisions, edits, what they are made of.

use larkspur_model::document::AssetId;
use larkspur_model::id::ObjectToken;
use larkspur_store::Error;
use larkspur_store::documents::{self, DocumentChange, DocumentRecord};
use larkspur_store::objects::{self, ObjectKind};
use larkspur_store::spreadsheets::{self, EditedSpreadsheet, SheetRecord, SpreadsheetRecord};

use crate::{House, is_conflict};

pub(crate) async fn documents_change_by_revision(house: &House) {
    let token = ObjectToken(house.ids.token());
    let first = DocumentRecord::first(token.clone(), house.tenant.clone(), house.key());
    house.commit(|t| documents::insert(t, &first, 9, 5)).await.unwrap();
    let stored = documents::get(&house.db, &house.tenant, &first.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&first));
    assert_eq!(documents::get(&house.db, &"other".into(), &first.token).await.unwrap(), None);
    let change = |revision, client_token: &str| DocumentChange {
        revision,
        app: "cli_a".into(),
        client_token: client_token.to_owned(),
        digest: "d".to_owned(),
        made: format!("made {revision}"),
        before: vec![revision as u8, 0],
        after: vec![revision as u8, 1],
    };
    let now = async || documents::get(&house.db, &house.tenant, &token).await.unwrap().unwrap();
    let named = change(2, "once");
    house.commit(|t| documents::edit(t, &first, &named, "v2", None, 6)).await.unwrap();
    let second = now().await;
    assert_eq!((second.revision, second.blob_revision, second.change_bytes), (2, 1, 2));
    let late = house.commit(|t| documents::edit(t, &first, &change(2, "b"), "w", None, 6)).await;
    assert!(is_conflict(&late, "revision"), "{late:?}");
    let again = house.commit(|t| documents::edit(t, &second, &change(3, "once"), "w", None, 6));
    assert!(matches!(again.await, Err(Error::Duplicate { .. })));
    let key = house.key();
    let whole = Some((key.as_str(), 7));
    house.commit(|t| documents::edit(t, &second, &change(3, "c"), "v3", whole, 6)).await.unwrap();
    let third = now().await;
    assert_eq!((third.revision, third.blob_revision, third.change_bytes), (3, 3, 0));
    assert_eq!((third.blob_key.as_str(), third.version.as_str()), (key.as_str(), "v3"));
    assert_eq!(house.released(&first.blob_key).await, Some(Some(6)));
    assert_eq!(house.released(&key).await, Some(None));
    let forth = documents::changes_forth(&house.db, &token, 1, 3).await.unwrap();
    assert_eq!(forth, [(2, vec![2, 1]), (3, vec![3, 1])]);
    let back = documents::changes_back(&house.db, &token, 3, 1).await.unwrap();
    assert_eq!(back, [(3, vec![3, 0]), (2, vec![2, 0])]);
    let found = documents::edit_named(&house.db, &token, &"cli_a".into(), "once").await.unwrap();
    assert_eq!(found.map(|found| (found.revision, found.made)), Some((2, "made 2".to_owned())));
    let other = documents::edit_named(&house.db, &token, &"cli_b".into(), "once").await.unwrap();
    assert_eq!(other, None);

    let media = ObjectToken(house.ids.token());
    house
        .commit(|t| {
            documents::put_asset(t, &first.token, AssetId(1), &house.root);
            documents::put_asset(t, &first.token, AssetId(0), &media);
            documents::put_asset(t, &first.token, AssetId(1), &media);
        })
        .await
        .unwrap();
    let assets = documents::assets(&house.db, &first.token).await.unwrap();
    assert_eq!(assets, [(AssetId(0), media.clone()), (AssetId(1), media)]);
}

pub(crate) async fn spreadsheets_come_back_with_their_sheets(house: &House) {
    let spreadsheet = SpreadsheetRecord {
        token: ObjectToken(house.ids.token()),
        tenant: house.tenant.clone(),
        revision: 1,
        manifest_key: house.key(),
        cells_key: house.key(),
    };
    let sheets: Vec<SheetRecord> = (0..3)
        .map(|position| SheetRecord {
            id: house.ids.sheet().into(),
            position,
            name: format!("表{position}"),
            hidden: position == 1,
            row_count: 1_048_576,
            column_count: 20,
        })
        .collect();
    house.commit(|t| spreadsheets::insert(t, &spreadsheet, &sheets, [3, 4], 5)).await.unwrap();
    let stored = spreadsheets::get(&house.db, &house.tenant, &spreadsheet.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&spreadsheet));
    assert_eq!(spreadsheets::sheets(&house.db, &spreadsheet.token).await.unwrap(), sheets);
    assert_eq!(
        spreadsheets::get(&house.db, &"other".into(), &spreadsheet.token).await.unwrap(),
        None
    );
    assert_eq!(house.released(&spreadsheet.cells_key).await, Some(None));
    spreadsheets_are_edited_by_who_saw_the_last_revision(house, spreadsheet, &sheets[1]).await;
}

pub(crate) async fn spreadsheets_are_edited_by_who_saw_the_last_revision(
    house: &House,
    spreadsheet: SpreadsheetRecord,
    sheet: &SheetRecord,
) {
    let object = house.object(ObjectKind::Sheet, "book", 5);
    let spreadsheet = SpreadsheetRecord {
        token: object.token.clone(),
        manifest_key: house.key(),
        cells_key: house.key(),
        ..spreadsheet
    };
    let sheet = &SheetRecord { row_count: 7, column_count: 3, ..sheet.clone() };
    house
        .commit(|t| {
            objects::insert(t, &object);
            spreadsheets::insert(t, &spreadsheet, std::slice::from_ref(sheet), [3, 4], 5);
        })
        .await
        .unwrap();
    let edit = |before: &SpreadsheetRecord| SpreadsheetRecord {
        revision: before.revision + 1,
        manifest_key: house.key(),
        ..before.clone()
    };
    let publish = async |before: &SpreadsheetRecord,
                         next: &SpreadsheetRecord,
                         added: Option<&str>,
                         dropped: &[String]| {
        let edited = EditedSpreadsheet {
            before,
            next,
            manifest_bytes: 3,
            sheet,
            added: added.map(|key| (key, 9)),
            dropped,
        };
        house.commit(|t| spreadsheets::update(t, &edited, 50)).await
    };
    let (second, late, file) = (edit(&spreadsheet), edit(&spreadsheet), house.key());
    publish(&spreadsheet, &second, Some(&file), &[]).await.unwrap();
    let refused = publish(&spreadsheet, &late, None, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { label: "revision" }), "{refused}");
    assert_eq!(house.released(&spreadsheet.manifest_key).await, Some(Some(50)));
    assert_eq!(house.released(&late.manifest_key).await, None);
    let stored = spreadsheets::get(&house.db, &house.tenant, &spreadsheet.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&second));
    // All cells in one new file: the first one and the other are let go of.
    let third = SpreadsheetRecord { cells_key: house.key(), ..edit(&second) };
    let dropped = [second.cells_key.clone(), file.clone()];
    publish(&second, &third, Some(&third.cells_key), &dropped).await.unwrap();
    assert_eq!(house.released(&file).await, Some(Some(50)));
    assert_eq!(house.released(&third.cells_key).await, Some(None));
    // With the spreadsheet goes what an edit left beside the first file.
    let (fourth, beside) = (edit(&third), house.key());
    publish(&third, &fourth, Some(&beside), &[]).await.unwrap();
    house.commit(|t| objects::delete_tree(t, &object, 60)).await.unwrap();
    for key in [&fourth.manifest_key, &fourth.cells_key, &beside] {
        assert_eq!(house.released(key).await, Some(Some(60)));
    }
    let refused = publish(&fourth, &edit(&fourth), None, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { label: "object" }), "{refused}");
}
