// A guest's answer of WASI 0.3 on its way to the client, through the response of 0.2.
import { ok, type Result } from '../../../component/index.ts';
import type { Guest } from '../../guest.ts';
import { heldBy } from '../../held-bytes.ts';
import type { ErrorCode } from '../error-code.ts';
import type { ResponseOut } from '../exchange.ts';
import { OutgoingResponse } from '../types/outgoing-response.ts';
import { ResponseOutparam } from '../types/response-outparam.ts';
import type { Response } from './response.ts';
import { transmit } from './transmit.ts';

/** Resolves when the last byte has gone out, or nobody takes it. */
export async function respond(answer: Result<Response, ErrorCode>, out: ResponseOut, guest: Guest): Promise<void> {
  const outparam = new ResponseOutparam(out);
  if (answer.tag === 'err') {
    outparam.set(answer);
    return;
  }
  const { val } = answer;
  const outgoing = new OutgoingResponse(val.headers);
  outgoing.setStatusCode(val.status);
  const contents = val.contents.take();
  const body = contents.bytes === undefined ? undefined : outgoing.body(heldBy(() => guest));
  outparam.set(ok(outgoing));
  if (body?.tag === 'ok') {
    await transmit(contents, body.val);
    return;
  }
  contents.bytes?.[Symbol.dispose]();
  contents.trailers[Symbol.dispose]();
  contents.sent(ok(undefined));
}
