// The browser's own GraphQL subscription: connects for ever, with a new token each time.
(() => {
  const FIRST_WAIT_MS = 250;
  const LONGEST_WAIT_MS = 5_000;
  const PING_EVERY_MS = 5_000;
  const PONG_WITHIN_MS = 4_000;
  const TOKEN_WITHIN_MS = 8_000;
  const FORBIDDEN = 4403;

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // Full jitter: many walls that lost one backend must not come back in step.
  function waitBefore(attempt, random = Math.random) {
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 12));
    return FIRST_WAIT_MS / 2 + random() * (ceiling - FIRST_WAIT_MS / 2);
  }

  async function fetchToken(tokenUrl, renew) {
    const response = await fetch(renew ? `${tokenUrl}?renew=1` : tokenUrl, {
      headers: { "X-Shelfcast-Page": "1" },
      cache: "no-store",
      signal: AbortSignal.timeout(TOKEN_WITHIN_MS),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(body.code ?? `STATUS_${response.status}`);
    return body;
  }

  // `heard` is called with: "connected", "closed", and ("fault", code) for what a person may mend.
  function connect({ tokenUrl, heard }) {
    let isClosed = false;
    let refusals = 0;
    let live = { authorization: "", url: "" };
    let pongTimer;

    // graphql-ws never hears a rejection in here, so this must not reject: it asks until it is told.
    async function address() {
      for (let attempt = 0; !isClosed; attempt += 1) {
        try {
          live = await fetchToken(tokenUrl, refusals > 0);
          return live.url;
        } catch (error) {
          heard("fault", error.message === "CREDENTIALS_REFUSED" ? error.message : "NO_TOKEN");
          await sleep(waitBefore(attempt));
        }
      }
      return new Promise(() => {}); // the page is gone: there is nothing left to connect
    }

    const client = globalThis.graphqlWs.createClient({
      url: address,
      connectionParams: () => ({ authorization: live.authorization }),
      lazy: true,
      lazyCloseTimeout: 5_000,
      keepAlive: PING_EVERY_MS,
      connectionAckWaitTimeout: TOKEN_WITHIN_MS,
      retryAttempts: Infinity,
      shouldRetry: () => !isClosed,
      retryWait: (attempt) => sleep(waitBefore(attempt)),
      on: {
        connected: () => {
          refusals = 0;
          heard("connected");
        },
        closed: (event) => {
          clearTimeout(pongTimer);
          refusals = event?.code === FORBIDDEN ? refusals + 1 : 0;
          heard("closed", event?.code);
          // One refusal is an expired token; a new token refused as well is a matter of settings.
          if (refusals > 1) heard("fault", "CREDENTIALS_REFUSED");
        },
        // A network that swallows everything closes no socket: silence after a ping ends it.
        ping: (isReceived) => {
          if (isReceived) return;
          clearTimeout(pongTimer);
          pongTimer = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(pongTimer);
        },
      },
    });

    // Keeps one subscription alive whatever ends it; returns { restart, stop }.
    function stream(payload, { next, failed }) {
      let stop = () => {};
      let timer;
      let attempt = 0;
      let generation = 0;

      function start() {
        const mine = ++generation;
        const again = () => {
          if (isClosed || mine !== generation) return;
          timer = setTimeout(start, waitBefore(attempt++));
        };
        stop = client.subscribe(payload, {
          next(result) {
            if (mine !== generation) return;
            if (result.errors?.length) {
              failed(codeOf(result.errors));
              return;
            }
            attempt = 0;
            next(result.data);
          },
          error(reason) {
            if (mine !== generation) return;
            // Closes of the socket are told by the connection, not by each of its streams.
            if (Array.isArray(reason)) failed(codeOf(reason));
            again();
          },
          complete: again,
        });
      }

      function end() {
        generation += 1;
        clearTimeout(timer);
        stop();
      }

      start();
      return {
        restart() {
          end();
          start();
        },
        stop: end,
      };
    }

    function query(payload) {
      return new Promise((resolve, reject) => {
        let data = null;
        client.subscribe(payload, {
          next: (result) =>
            result.errors?.length ? reject(new Error(codeOf(result.errors))) : (data = result.data),
          error: (reason) =>
            reject(new Error(Array.isArray(reason) ? codeOf(reason) : "CONNECTION_LOST")),
          complete: () => (data ? resolve(data) : reject(new Error("NO_ANSWER"))),
        });
      });
    }

    function close() {
      isClosed = true;
      clearTimeout(pongTimer);
      client.dispose();
    }

    return { stream, query, close, drop: () => client.terminate() };
  }

  function codeOf(errors) {
    return errors[0]?.extensions?.code ?? "QUERY_FAILED";
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, connection: { codeOf, connect, waitBefore } };
})();
