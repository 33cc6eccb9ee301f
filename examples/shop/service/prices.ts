import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { profile } from 'phanos';
import { type Answer, HttpError, jsonAnswer, type ShopRequest } from './answer.js';
import { priceListRows } from './metrics.js';
import type { PriceList, PriceRow } from './price-list.js';
import { PRODUCT_COUNT } from './product.js';

const unzip = promisify(gunzip);

/** Most bytes that an upload may unpack to. */
const UNPACKED_LIMIT = 1024 * 1024;

/** Takes price lists: CSV with the columns `id` and `price`, compressed or not. */
export class Prices {
  readonly #list: PriceList;
  readonly #tell: (rows: readonly PriceRow[]) => void;

  /** @param tell hears of each list that was taken */
  constructor(list: PriceList, tell: (rows: readonly PriceRow[]) => void) {
    this.#list = list;
    this.#tell = tell;
  }

  @profile
  async import({ headers, body }: ShopRequest): Promise<Answer> {
    const text = headers['content-encoding'] === 'gzip' ? await this.unpack(body) : body.toString();
    const rows = [...this.read(text)];
    const fingerprint = this.#list.update(rows);
    this.#tell(rows);
    priceListRows.observe(rows.length);
    return jsonAnswer({ rows: rows.length, fingerprint });
  }

  @profile
  async unpack(body: Buffer): Promise<string> {
    try {
      return (await unzip(body, { maxOutputLength: UNPACKED_LIMIT })).toString();
    } catch (cause) {
      throw new HttpError(400, 'the upload is no gzip, or too large', { cause });
    }
  }

  /** Profiled generators are timed while they run, not while they wait to be asked. */
  @profile
  *read(text: string): Generator<PriceRow> {
    const lines = text.split('\n');
    if (lines[0] !== 'id,price') throw new HttpError(400, "line 1: expected the columns 'id,price'");
    for (const [i, line] of lines.entries()) {
      if (i === 0 || line === '') continue;
      const [id = '', price = ''] = line.split(',');
      if (!/^\d+$/.test(id) || Number(id) < 1 || Number(id) > PRODUCT_COUNT)
        throw new HttpError(400, `line ${i + 1}: no product has the id '${id}'`);
      if (!/^\d+(\.\d\d)?$/.test(price)) throw new HttpError(400, `line ${i + 1}: '${price}' is no price`);
      yield { id: Number(id), price: Math.round(Number(price) * 100) };
    }
  }
}
