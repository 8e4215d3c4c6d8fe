// The browser's own GraphQL subscription: connects for ever, with a new ticket each time.
(() => {
  const FIRST_WAIT_MS = 250;
  const LONGEST_WAIT_MS = 5_000;
  const PING_EVERY_MS = 5_000;
  const PONG_WITHIN_MS = 4_000;
  const TICKET_WITHIN_MS = 8_000;
  const FORBIDDEN = 4403;
  // Tickets live for 30 s; one that was not used by then is not worth trying.
  const TICKET_LIFE_MS = 25_000;

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // Full jitter: many walls that lost one backend must not come back in step.
  function waitBefore(attempt, random = Math.random) {
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 12));
    return FIRST_WAIT_MS / 2 + random() * (ceiling - FIRST_WAIT_MS / 2);
  }

  async function fetchTicket(ticketUrl) {
    const response = await fetch(ticketUrl, {
      headers: { "X-Shelfcast-Page": "1" },
      cache: "no-store",
      signal: AbortSignal.timeout(TICKET_WITHIN_MS),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(body.code ?? `STATUS_${response.status}`);
    return { ...body, fetchedAt: Date.now() };
  }

  // `heard` is called with: "connected", "closed", "renewing", "signedOut", and ("fault", code) for what a
  // person may mend.
  function connect({ ticketUrl, heard }) {
    let isClosed = false;
    let isRenewing = false;
    let refusals = 0;
    let live = null;
    let ahead = null;
    let pongTimer;

    // graphql-ws never hears a rejection in here, so this must not reject: it asks until it is told.
    async function address() {
      for (let attempt = 0; !isClosed; attempt += 1) {
        try {
          live = await nextTicket();
          return live.url;
        } catch (error) {
          if (error.message === "SIGNED_OUT") {
            close();
            heard("signedOut");
            break;
          }
          heard("fault", error.message === "CREDENTIALS_REFUSED" ? error.message : "NO_TICKET");
          await sleep(waitBefore(attempt));
        }
      }
      return new Promise(() => {}); // the page is gone: there is nothing left to connect
    }

    // A ticket is good once: what was fetched ahead is used for one connection only.
    function nextTicket() {
      const fetched = ahead;
      ahead = null;
      const isUsable = fetched && Date.now() - fetched.fetchedAt < TICKET_LIFE_MS;
      return isUsable ? fetched : fetchTicket(ticketUrl);
    }

    // The server says that the token behind the socket ends soon: the next ticket is there before
    // the socket is left, so that the change takes no longer than a handshake.
    async function renew() {
      if (isRenewing || isClosed) return;
      isRenewing = true;
      try {
        ahead = await fetchTicket(ticketUrl);
        heard("renewing");
        client.terminate();
      } catch {
        // The end of the token closes the socket anyway, and reconnecting asks again.
      } finally {
        isRenewing = false;
      }
    }

    const client = globalThis.graphqlWs.createClient({
      url: address,
      connectionParams: () => ({ ticket: live.ticket }),
      lazy: true,
      lazyCloseTimeout: 5_000,
      keepAlive: PING_EVERY_MS,
      connectionAckWaitTimeout: TICKET_WITHIN_MS,
      retryAttempts: Infinity,
      shouldRetry: () => !isClosed,
      retryWait: (attempt) => (ahead ? Promise.resolve() : sleep(waitBefore(attempt))),
      on: {
        connected: () => {
          refusals = 0;
          heard("connected");
        },
        closed: (event) => {
          clearTimeout(pongTimer);
          refusals = event?.code === FORBIDDEN ? refusals + 1 : 0;
          heard("closed", event?.code);
          // One refusal is a token that ended; a new one refused as well is a matter of settings.
          if (refusals > 1) heard("fault", "CREDENTIALS_REFUSED");
        },
        // A network that swallows everything closes no socket: silence after a ping ends it.
        ping: (isReceived, payload) => {
          if (isReceived) {
            if (payload?.reason === "TOKEN_EXPIRES") renew();
            return;
          }
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
