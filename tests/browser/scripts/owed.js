// Put into each page before its own scripts: `window.owed` says whether the server owes the page an answer.
// The page's own mark that a script runs comes a moment after the click that asks for it; a test must not look in between.
// `watch.py` puts the numbers of Streamlit's messages in: RERUN, BEGUN, FINISHED, and the state EARLY of a run that another one follows.
{
  window.owed = "nothing";

  // Yields the number of each field of a message, and its value or its length.
  const fields = function* (bytes) {
    const number = (at) => {
      let value = 0, shift = 1, here = at;
      for (; bytes[here] & 0x80; here++, shift *= 128) value += (bytes[here] & 0x7f) * shift;
      return [value + bytes[here] * shift, here + 1];
    };
    for (let at = 0; at < bytes.length; ) {
      const [tag, start] = number(at);
      const [value, end] = number(start);
      yield [Math.floor(tag / 8), value];
      at = tag % 8 === 2 ? end + value : end;
    }
  };

  const hear = (event) => {
    for (const [field, value] of fields(new Uint8Array(event.data))) {
      if (field === BEGUN) window.owed = "the rest";
      if (field === FINISHED && window.owed === "the rest" && value !== EARLY) window.owed = "nothing";
    }
  };

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (!this.heard) this.addEventListener("message", hear);
    this.heard = true;
    for (const [field] of fields(new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength))) {
      if (field === RERUN) window.owed = "everything";
    }
    return send.call(this, data);
  };
}
