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

/// Seconds since 1970 as a date and time in UTC (RFC 3339).
pub fn rfc3339(seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let [year, month, day] = civil(i64::try_from(days).unwrap_or(i64::MAX / 1_000));
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), date);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(civil(0), [1970, 1, 1]);
        assert_eq!(civil(-1), [1969, 12, 31]);
        assert_eq!(civil(11_016), [2000, 2, 29]);
        assert_eq!(civil(20_783), [2026, 11, 26]);
        assert_eq!(civil(-719_468), [0, 3, 1]);
    }
}
