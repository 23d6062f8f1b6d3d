//! Samples are picked by what is drawn around them.

use super::*;

#[test]
fn a_drag_pans_and_with_shift_draws_a_lasso() {
    let mut harness = harness(Page::triangle(), None);
    harness.run();
    let rect = harness.state().rect;
    let before = harness.state().place(0);
    let start = rect.center();
    drag(
        &mut harness,
        &[start, start + vec2(12.0, 0.0), start + vec2(30.0, 9.0)],
        Modifiers::NONE,
    );
    assert!(harness.state().place(0).distance(before + vec2(30.0, 9.0)) < 0.5);
    assert_eq!(harness.state().lasso, None);

    harness.state_mut().camera = Camera::default();
    harness.run();
    // Around the left half: the points at the top and at the bottom there.
    let (min, max) = (
        rect.min + Vec2::splat(1.0),
        pos2(rect.center().x, rect.max.y - 1.0),
    );
    let outline = [
        min,
        pos2(max.x, min.y),
        max,
        pos2(min.x, max.y),
        pos2(min.x, min.y + 3.0),
    ];
    let camera = harness.state().camera;
    drag(&mut harness, &outline, Modifiers::SHIFT);
    assert_eq!(harness.state().lasso, Some(vec![0, 2]));
    assert_eq!(harness.state().camera, camera, "a lasso does not pan");

    // A rectangle has its corners where the drag began and where it ended, whatever lies between.
    harness.state_mut().lasso = None;
    harness.state_mut().outline = Outline::Box;
    harness.run();
    let around = [max, rect.center() + vec2(30.0, -40.0), min];
    drag(&mut harness, &around, Modifiers::SHIFT);
    assert_eq!(harness.state().lasso, Some(vec![0, 2]));
}

#[test]
fn clicks_are_the_corners_of_a_polygon_until_it_is_closed() {
    let mut harness = harness(Page::triangle(), None);
    harness.state_mut().outline = Outline::Polygon;
    harness.run();
    let rect = harness.state().rect;
    let (camera, middle) = (harness.state().camera, rect.center().x);
    let corners = [
        rect.min + Vec2::splat(1.0),
        pos2(middle, rect.min.y + 1.0),
        pos2(middle, rect.max.y - 1.0),
        pos2(rect.min.x + 1.0, rect.max.y - 1.0),
    ];
    let click = |harness: &mut Harness<'_, Page>, place: Pos2, modifiers: Modifiers| {
        // Slowly, so that two of them are not a double click.
        for _ in 0..40 {
            harness.step();
        }
        harness.event(Event::ModifiersChanged(modifiers));
        harness.hover_at(place);
        harness.step();
        for pressed in [true, false] {
            harness.event(Event::PointerButton {
                pos: place,
                button: PointerButton::Primary,
                pressed,
                modifiers,
            });
            harness.step();
        }
        harness.event(Event::ModifiersChanged(Modifiers::NONE));
        harness.step();
    };
    // Without the shift key it is an ordinary click.
    click(&mut harness, corners[0], Modifiers::NONE);
    click(&mut harness, corners[1], Modifiers::NONE);
    click(&mut harness, corners[0], Modifiers::SHIFT);
    // One that was a mistake.
    click(&mut harness, rect.center(), Modifiers::NONE);
    harness.key_press(Key::Backspace);
    harness.step();
    for &corner in &corners[1..] {
        click(&mut harness, corner, Modifiers::NONE);
    }
    assert_eq!(harness.state().lasso, None, "it is open still");
    click(&mut harness, corners[0], Modifiers::NONE);
    assert_eq!(harness.state().lasso, Some(vec![0, 2]));
    assert_eq!(harness.state().camera, camera);

    // Enter closes one, too; Escape drops it.
    for key in [Key::Escape, Key::Enter] {
        harness.state_mut().lasso = None;
        click(&mut harness, corners[0], Modifiers::SHIFT);
        for &corner in &corners[1..] {
            click(&mut harness, corner, Modifiers::NONE);
        }
        harness.key_press(key);
        harness.step();
        let closed = harness.state().lasso.clone();
        assert_eq!(closed.is_some(), key == Key::Enter);
    }
}
