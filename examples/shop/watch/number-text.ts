/** Numbers as people like to read them. */

/** `12,345` */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 request`, `2 requests` */
export function amountText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The same, but nothing where nothing happened. */
export function countOrBlank(count: number): string {
  return count === 0 ? '' : countText(count);
}

/** Rates above ten are whole, below that have one decimal. */
export function rateText(perSecond: number): string {
  return perSecond >= 10 || perSecond === 0 ? countText(perSecond) : perSecond.toFixed(1);
}

/** `312 µs`, `1.24 ms`, `2.50 s`; `> 10 s` for what lies above the highest bucket. */
export function durationText(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds === Number.POSITIVE_INFINITY) return '> 10 s';
  if (seconds >= 0.9995) return `${threeDigits(seconds)} s`;
  if (seconds >= 0.000_999_5) return `${threeDigits(seconds * 1000)} ms`;
  return `${threeDigits(seconds * 1_000_000)} µs`;
}

/** `512 B`, `3.40 kB`, `12.3 MB`; of a thousand each. */
export function bytesText(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  if (bytes < 999_500) return `${threeDigits(bytes / 1000)} kB`;
  if (bytes < 999_500_000) return `${threeDigits(bytes / 1_000_000)} MB`;
  return `${threeDigits(bytes / 1_000_000_000)} GB`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
