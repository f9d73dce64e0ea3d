//! Pictures and files put into the blocks they were uploaded for.

use larkspur_model::document::{Align, Asset, AssetId, Content, Edit};
use larkspur_model::id::ObjectToken;
use larkspur_store::objects::{self, Object, ObjectKind};

use super::super::codes;
use super::super::open::internal;
use super::super::parse::{At, align, in_range};
use super::wire::UpdateInput;
use crate::drive::sources::MediaExtra;
use crate::{ApiError, Services};

/// A picture or file that becomes a block's.
#[derive(Debug, Clone)]
pub(super) struct Replacement {
    media: ObjectToken,
    asset: Asset,
    /// For pictures; nothing for files.
    look: Option<Look>,
}

/// How a picture is shown, as far as the request says.
#[derive(Debug, Clone)]
struct Look {
    width_px: Option<u32>,
    height_px: Option<u32>,
    align: Option<Align>,
    caption: Option<String>,
}

impl Replacement {
    /// The replacements that a request asks for on `block_id`, with the media they name.
    pub(super) async fn read(
        services: &Services,
        document: &Object,
        input: &UpdateInput,
        block_id: &str,
        at: At<'_>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut found = Vec::new();
        if let Some(image) = &input.replace_image {
            let side = |side: Option<i64>, what| {
                side.map(|side| in_range(side, 1, 100_000, what, at).map(|side| side as u32))
                    .transpose()
            };
            let look = Look {
                width_px: side(image.width, "width")?,
                height_px: side(image.height, "height")?,
                align: image.align.map(|_| align(image.align, Align::Center, at)).transpose()?,
                caption: image.caption.as_ref().map(|it| it.content.clone().unwrap_or_default()),
            };
            let token = image.token.as_deref();
            let place = Place { document, block_id, parent_type: "docx_image" };
            found.push(place.find(services, token, Some(look), at).await?);
        }
        if let Some(file) = &input.replace_file {
            let place = Place { document, block_id, parent_type: "docx_file" };
            found.push(place.find(services, file.token.as_deref(), None, at).await?);
        }
        Ok(found)
    }

    /// Puts it into the block `id`.
    pub(super) fn apply(
        &self,
        edit: &mut Edit,
        id: &str,
    ) -> Result<(AssetId, ObjectToken), ApiError> {
        let fits = match edit.tree().get(id).map(|node| &node.content) {
            Some(Content::Image(_)) => self.look.is_some(),
            Some(Content::File { .. }) => self.look.is_none(),
            _ => false,
        };
        if !fits {
            let why = "replace_image is for image blocks, replace_file for file blocks, which \
                       stand in a view block";
            return Err(codes::OTHER_BLOCK.because(why));
        }
        let added = edit.add_asset(self.asset.clone());
        match (edit.change(id).map(|node| &mut node.content), &self.look) {
            (Some(Content::Image(image)), Some(look)) => {
                image.asset = added;
                image.width_px = look.width_px.unwrap_or(image.width_px);
                image.height_px = look.height_px.unwrap_or(image.height_px);
                image.align = look.align.unwrap_or(image.align);
                if let Some(caption) = &look.caption {
                    image.caption.clone_from(caption);
                }
            }
            (Some(Content::File { asset }), _) => *asset = added,
            _ => {}
        }
        Ok((added, self.media.clone()))
    }
}

/// Where a picture or file is to go.
struct Place<'a> {
    document: &'a Object,
    block_id: &'a str,
    parent_type: &'static str,
}

impl Place<'_> {
    /// The media of a token, uploaded for this place.
    async fn find(
        &self,
        services: &Services,
        token: Option<&str>,
        look: Option<Look>,
        at: At<'_>,
    ) -> Result<Replacement, ApiError> {
        let token = token.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| at.wrong("token is required"))?;
        let (db, tenant) = (&services.store.db, &self.document.tenant);
        let media = objects::get(db, tenant, &ObjectToken::from(token)).await.map_err(internal)?;
        let now_ms = services.clock.now_ms();
        let media = media.filter(|media| media.kind == ObjectKind::Media && media.is_live(now_ms));
        let media = media.ok_or_else(|| {
            codes::NO_RESOURCE.because(format!("token: there is no media of {token:.60}"))
        })?;
        let extra = MediaExtra::read(&media.extra);
        let here = media.route.as_ref() == Some(&self.document.token)
            && extra.parent_node == self.block_id
            && extra.parent_type == self.parent_type;
        if !here {
            let why = format!(
                "token: upload the bytes for this very block: parent_type {}, parent_node the \
                 block_id, extra {{\"drive_route_token\":\"<document_id>\"}}",
                self.parent_type
            );
            return Err(codes::RELATION.because(why));
        }
        let asset = Asset {
            name: media.name.clone(),
            media_type: media.media_type.clone(),
            size_bytes: media.size_bytes.unsigned_abs(),
            token: media.token.0.clone(),
            address: String::new(),
        };
        Ok(Replacement { media: media.token, asset, look })
    }
}
