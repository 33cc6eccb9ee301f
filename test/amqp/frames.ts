/** A frame of AMQP 0-9-1 as it travels. */
export interface Frame {
  /** 1 method, 2 header of a message, 3 body, 8 heartbeat. */
  readonly type: number;
  readonly channel: number;
  readonly payload: Buffer;
}

/** The frames of what a client sent; the greeting in front of them is left out. */
export function framesOf(sent: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = sent.indexOf('AMQP') === 0 ? 8 : 0; at + 7 <= sent.length; ) {
    const size = sent.readUInt32BE(at + 3);
    frames.push({ type: sent.readUInt8(at), channel: sent.readUInt16BE(at + 1), payload: sent.subarray(at + 7, at + 7 + size) });
    at += size + 8;
  }
  return frames;
}

/** Methods with this class and number. */
export function methods(frames: readonly Frame[], classId: number, methodId: number): Buffer[] {
  return frames
    .filter(({ type, payload }) => type === 1 && payload.readUInt16BE(0) === classId && payload.readUInt16BE(2) === methodId)
    .map(({ payload }) => payload.subarray(4));
}
