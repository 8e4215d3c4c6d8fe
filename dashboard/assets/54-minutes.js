// Revenue per minute and channel: fills the chart that the server laid out.
(() => {
  const { setText } = shelfcast.panels;
  const MINUTE_MS = 60_000;
  const COUNT = 60;
  const LABEL_EVERY = 10;
  const MOST_LINES = 5;
  const CLEAR_OF_AXIS = 2;
  const CHANNELS = ["IN_STORE", "ONLINE", "MARKETPLACE"];

  // One row of numbers per channel, oldest minute first; the last one is still running.
  function byChannel(minutes, asOfMs) {
    const last = Math.floor(asOfMs / MINUTE_MS);
    const rows = Object.fromEntries(CHANNELS.map((channel) => [channel, Array(COUNT).fill(0)]));
    for (const { minute, channel, revenue } of minutes) {
      const at = COUNT - 1 - (last - Math.floor(Date.parse(minute) / MINUTE_MS));
      if (rows[channel] && at >= 0 && at < COUNT) rows[channel][at] += Number(revenue);
    }
    return rows;
  }

  function minuteTimes(asOfMs) {
    const last = Math.floor(asOfMs / MINUTE_MS) * MINUTE_MS;
    return Array.from({ length: COUNT }, (_, at) => last - (COUNT - 1 - at) * MINUTE_MS);
  }

  // Labels stand on full tens of minutes, wherever the hour happens to begin on the axis.
  function ticks(times, formats) {
    const places = times
      .map((time, at) => [time, at])
      .filter(([time, at]) => (time / MINUTE_MS) % LABEL_EVERY === 0 && at >= CLEAR_OF_AXIS);
    return {
      tickvals: places.map(([, at]) => at),
      ticktext: places.map(([time]) => formats.minute(time)),
    };
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      channels: CHANNELS.map((channel) => read(`--channel-${channel.toLowerCase().replace("_", "-")}`)),
      panel: read("--panel"),
      text: read("--dim"),
      strong: read("--text"),
      line: read("--line"),
    };
  }

  function chart(holder) {
    const graph = () => holder.querySelector(".js-plotly-plot");
    let drawn = "";

    function isReady() {
      return Boolean(globalThis.Plotly && graph()?.data);
    }

    function restyle() {
      if (!isReady()) return;
      const { channels, panel, text, strong, line } = colours();
      CHANNELS.forEach((_, at) => {
        globalThis.Plotly.restyle(
          graph(),
          {
            "marker.color": channels[at],
            "marker.pattern.fgcolor": panel,
            "marker.pattern.fillmode": "overlay",
          },
          [at],
        );
      });
      globalThis.Plotly.relayout(graph(), {
        "font.color": text,
        "yaxis.gridcolor": line,
        "xaxis.linecolor": line,
        "hoverlabel.bgcolor": panel,
        "hoverlabel.bordercolor": line,
        "hoverlabel.font.color": strong,
      });
    }

    function draw(pulse, formats) {
      if (!isReady()) return;
      if (!drawn) restyle();
      const asOf = Date.parse(pulse.asOf);
      const rows = byChannel(pulse.minutes, asOf);
      const times = minuteTimes(asOf);
      const signature = `${times.at(-1)}|${JSON.stringify(rows)}`;
      if (signature === drawn) return;
      drawn = signature;
      const running = times.map((_, at) => (at === COUNT - 1 ? 0.5 : 0.92));
      const y = CHANNELS.map((channel) => rows[channel]);
      const { tickvals, ticktext } = ticks(times, formats);
      globalThis.Plotly.update(
        graph(),
        {
          y,
          customdata: y.map((row) =>
            row.map((amount, at) => `${formats.moneyExact(amount)} · ${formats.minute(times[at])}`),
          ),
          "marker.opacity": CHANNELS.map(() => running),
        },
        {
          "xaxis.tickvals": tickvals,
          "xaxis.ticktext": ticktext,
          ...moneyAxis(y, formats),
        },
      );
    }

    return { draw, restyle, isReady };
  }

  // Plotly knows no currencies: the axis gets round values and the labels Intl gives them.
  function moneyAxis(rows, formats) {
    const totals = rows[0].map((_, at) => rows.reduce((sum, row) => sum + row[at], 0));
    const top = Math.max(...totals, 0) || 1;
    const power = 10 ** Math.floor(Math.log10(top / MOST_LINES));
    const sizes = [1, 2, 2.5, 5, 10].map((times) => times * power);
    const step = sizes.find((size) => size * MOST_LINES >= top);
    const values = Array.from({ length: MOST_LINES + 1 }, (_, at) => at * step);
    return {
      "yaxis.tickmode": "array",
      "yaxis.tickvals": values,
      "yaxis.ticktext": values.map((value) => formats.moneyShort(value)),
      "yaxis.range": [0, Math.max(top * 1.06, step)],
    };
  }

  function showAmounts(panel, pulse, formats) {
    const rows = byChannel(pulse.minutes, Date.parse(pulse.asOf));
    for (const item of panel.querySelectorAll("[data-channel]")) {
      // The minute before: the running one is not comparable with anything yet.
      const amount = rows[item.dataset.channel].at(-2);
      setText(item.querySelector(".channel-amount"), formats.moneyWhole(amount));
    }
  }

  function hasSales(pulse) {
    return pulse.minutes.some(({ orders }) => orders > 0);
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    minutes: { byChannel, chart, hasSales, minuteTimes, moneyAxis, showAmounts, ticks },
  };
})();
