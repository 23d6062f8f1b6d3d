//! Names in any script: fonts for what the built-in ones lack, found after the window is up.

use std::sync::Arc;

use eframe::egui::{
    self, FallbackRequest, FontData, FontFamily,
    epaint::text::{FontInsert, FontPriority, InsertFontFamily},
};

use crate::{
    figure::fonts,
    job::{self, Cancelled, EventSink, JobHandle},
};

/// Looks for the fonts; from then on, text that needs one of them gets it.
pub(crate) fn find(ctx: &egui::Context) -> JobHandle<(), (), Cancelled> {
    let (installed, repaint) = (ctx.clone(), ctx.clone());
    let wake = move || repaint.request_repaint();
    job::spawn("fonts", wake, move |_: &EventSink<()>, _| {
        fonts::fallback();
        provide(&installed);
        Ok(())
    })
}

/// Text of this context that needs one of the fonts gets it. Looks for them first, if nobody has, which takes a while.
pub(crate) fn provide(ctx: &egui::Context) {
    ctx.add_font_provider(Arc::new(font_for));
}

/// Looks for the families that words can be in.
pub(crate) fn find_families(ctx: &egui::Context) -> JobHandle<(), (), Cancelled> {
    let repaint = ctx.clone();
    let wake = move || repaint.request_repaint();
    job::spawn("fonts", wake, move |_: &EventSink<()>, _| {
        fonts::families();
        Ok(())
    })
}

/// Text of this context is in a family that is installed; whether it is there.
pub(crate) fn write_in(ctx: &egui::Context, family: &str) -> bool {
    let Some(font) = fonts::fallback().face_of(family) else {
        return false;
    };
    let bytes = fonts::read(&font.source)
        .inspect_err(|error| tracing::warn!("'{}': {error}", font.post_script_name));
    let Ok(bytes) = bytes else { return false };
    let first = InsertFontFamily {
        family: FontFamily::Proportional,
        priority: FontPriority::Highest,
    };
    let data = FontData::from_blob(bytes, font.index);
    // The window's own fonts have names, too.
    let name = format!("figure: {family}");
    ctx.add_font(FontInsert::new(&name, data, vec![first]));
    true
}

fn font_for(request: &FallbackRequest<'_>) -> Option<FontInsert> {
    let font = fonts::fallback().font_for(request.cluster.chars().next()?)?;
    let bytes = fonts::read(&font.source)
        .inspect_err(|error| tracing::warn!("'{}': {error}", font.post_script_name))
        .ok()?;
    let families = [FontFamily::Proportional, FontFamily::Monospace];
    let families = families.map(|family| InsertFontFamily {
        family,
        priority: FontPriority::Lowest,
    });
    Some(FontInsert::new(
        &format!("{} {}", font.post_script_name, font.index),
        FontData::from_blob(bytes, font.index),
        families.into(),
    ))
}
