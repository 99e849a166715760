/**
 * A body that is sent as it is: the JSON of an input that was encoded before, so that the same bytes are sent again.
 */
export class EncodedBody {
  constructor(readonly json: string) {}
}
