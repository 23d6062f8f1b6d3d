//! Days of the calendar.

/// Year, month and day of the Gregorian calendar, so many days after 1970-01-01: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms".
pub fn civil(days: i64) -> [i64; 3] {
    // Years begin in March here, so that the leap day is their last, and 400 of them are an era.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    [era * 400 + year + i64::from(month <= 2), month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(civil(0), [1970, 1, 1]);
        assert_eq!(civil(-1), [1969, 12, 31]);
        assert_eq!(civil(11_016), [2000, 2, 29]);
        assert_eq!(civil(20_783), [2026, 11, 26]);
        assert_eq!(civil(-719_468), [0, 3, 1]);
    }
}
