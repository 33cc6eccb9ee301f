import { setTimeout as sleep } from 'node:timers/promises';
import { profile } from 'phanos';

/** What the web examples serve. */
export class Greeter {
  @profile
  async greet(name: string): Promise<string> {
    return `${await this.choose()}, ${name}!\n`;
  }

  @profile
  private async choose(): Promise<string> {
    await sleep(2);
    return 'Hello';
  }
}
