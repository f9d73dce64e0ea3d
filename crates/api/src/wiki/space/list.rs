//! The spaces a caller is a member of, page by page; and what a library is called.

use std::sync::Arc;

use larkspur_store::wiki;

use super::super::codes::broken;
use super::super::page::{Page, unknown_token};
use super::wire::{ListData, WireSpace};
use crate::{Answer, ApiError, Request, Services};

/// Longest page (contract, `wikiSpaceList`).
const MOST: i64 = 50;

/// `wikiSpaceList`. Libraries are in no list.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request, MOST)?;
    if !page.after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown_token());
    }
    let caller = request.caller()?;
    let mut spaces = wiki::spaces_visible_to(
        &services.store.db,
        &caller.tenant,
        &caller.creator(),
        caller.user.as_ref(),
        caller.admin,
        &page.after,
        page.limit(),
    )
    .await
    .map_err(broken)?;
    let page_token = page.cut(&mut spaces, |space| space.id.0.clone());
    let items = spaces.into_iter().map(WireSpace::new).collect();
    Answer::data(&ListData { items, has_more: page_token.is_some(), page_token })
}

/// What a library is called in a language of `wikiSpaceGet`'s `lang`; `None` for another one.
pub(super) fn library_name(lang: &str) -> Option<&'static str> {
    Some(match lang {
        "zh" => "我的文档库",
        "zh-HK" | "zh-TW" => "我的文件庫",
        "en" => "My Document Library",
        "de" => "Meine Dokumentenbibliothek",
        "es" => "Mi biblioteca de documentos",
        "fr" => "Ma bibliothèque de documents",
        "hi" => "मेरी दस्तावेज़ लाइब्रेरी",
        "id" => "Perpustakaan Dokumen Saya",
        "it" => "La mia raccolta di documenti",
        "ja" => "マイドキュメントライブラリ",
        "ko" => "내 문서 라이브러리",
        "pt" => "Minha biblioteca de documentos",
        "ru" => "Моя библиотека документов",
        "th" => "คลังเอกสารของฉัน",
        "vi" => "Thư viện tài liệu của tôi",
        _ => return None,
    })
}
