/** Calendar text for Unix seconds and back, without a clock. Imports nothing. */

const secondsPerDay = 86_400;
const lastSecond = 253_402_300_799;

/** RFC 3339 in UTC, between 1970 and 9999. The arithmetic counts days from 1 March, so that leap days come last. */
export const rfc3339Of = (unixSeconds: number): string => {
  const seconds = Math.min(Math.max(Math.floor(unixSeconds), 0), lastSecond);
  const days = Math.floor(seconds / secondsPerDay) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const rest = seconds % secondsPerDay;
  const time = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60), rest % 60].map(twoDigits).join(':');
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}T${time}Z`;
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Unix seconds of an RFC 3339 text; undefined where it is none or lies before 1970. */
export const unixOf = (text: string | undefined): number | undefined => {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return milliseconds >= 0 ? Math.floor(milliseconds / 1000) : undefined;
};
