// The quick start of README.md, word for word.
// oxlint-disable typescript/no-misused-promises

import { createServer } from 'node:http';
import { Counter, profile, profiler } from 'phanos';

profiler.config({ job: 'shop' });
await profiler.serve({ port: 9464 }); // http://127.0.0.1:9464/metrics

const sold = new Counter({ name: 'shop_sold', help: 'Items sold.', labelNames: ['kind'] });

class Orders {
  @profile async place(kind: string): Promise<string> {
    const price = await this.price(kind);
    sold.inc({ kind });
    return `sold one ${kind} for ${price}`;
  }

  @profile private async price(kind: string): Promise<number> {
    return kind.length;
  }
}

const orders = new Orders();
createServer(async (_request, response) => response.end(await orders.place('book'))).listen(8080, '127.0.0.1');
