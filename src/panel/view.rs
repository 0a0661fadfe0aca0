//! Draws the model. A pure function of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::model::Model;

/// Draws one frame.
pub fn view(model: &Model, area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, Style::new().bg(Color::Black).fg(Color::DarkGray));
    let line = match &model.status {
        None => "Waiting for the host.".to_owned(),
        Some(status) => format!("{} - {}", status.session.title, status.output.state),
    };
    buffer.set_stringn(area.x, area.y, line, area.width.into(), Style::new());
}
