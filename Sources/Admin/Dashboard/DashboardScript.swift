enum DashboardScript {
    static let javaScript = #"""

        "use strict";
        const KEY = "signalbox-token", REFRESH = 1500, MAX_ROWS = 40;
        const byId = id => document.getElementById(id);
        const good = ["ready", "completed", "scheduled"], bad = ["failed", "degraded", "unready"];
        let token = sessionStorage.getItem(KEY), timer = null, busy = false;

        // Text only ever enters the page as text.
        function element(tag, text, className) {
          const made = document.createElement(tag);
          if (text !== undefined && text !== null) made.textContent = text;
          if (className) made.className = className;
          return made;
        }
        function badge(state) {
          return element("span", state, "badge " + (good.includes(state) ? "good" : bad.includes(state) ? "bad" : "busy"));
        }
        function row(...cells) {
          const made = element("tr");
          for (const cell of cells) {
            const td = element("td");
            if (typeof cell === "number") { td.className = "number"; td.textContent = cell; }
            else if (cell instanceof Node) td.append(cell);
            else td.textContent = cell ?? "";
            made.append(td);
          }
          return made;
        }
        function button(label, title, act, disabled) {
          const made = element("button", label);
          made.type = "button"; made.title = title; made.disabled = !!disabled;
          made.addEventListener("click", act);
          return made;
        }

        function notice(text) { byId("notice").textContent = text || ""; byId("notice").hidden = !text; }

        async function call(path, options = {}) {
          const answer = await fetch(path, {
            ...options, cache: "no-store", headers: { "Authorization": "Bearer " + token, "Content-Type": "application/json" },
          });
          if (answer.status === 401) { forget("That is not this Signalbox's token."); throw new Error("no access"); }
          const body = await answer.json().catch(() => ({}));
          if (!answer.ok) throw new Error([body.detail || answer.statusText, body.hint].filter(Boolean).join(" "));
          return body;
        }
        async function act(method, path, body) {
          try { await call(path, { method, body: body && JSON.stringify(body) }); notice(""); await refresh(); }
          catch (error) { notice(error.message); }
        }

        function forget(text) {
          sessionStorage.removeItem(KEY); token = null; clearTimeout(timer);
          byId("main").hidden = true; byId("forget").hidden = true; byId("ask").hidden = false;
          notice(text); byId("token").focus();
        }

        function describe(instance) {
          const parts = [`${instance.instance}: ${instance.state}`];
          if (instance.pid) parts.push(`pid ${instance.pid}`);
          if (instance.port) parts.push(`port ${instance.port}`);
          if (instance.restarts) parts.push(`${instance.restarts} restart${instance.restarts === 1 ? "" : "s"}`);
          if (instance.last_exit) parts.push(`last: ${instance.last_exit}`);
          return parts.join(", ");
        }

        function serviceRow(service) {
          const path = "/v1/services/" + encodeURIComponent(service.name);
          const instances = element("div");
          instances.append(element("div", `${service.ready} of ${service.desired}`));
          for (const one of service.instances) instances.append(element("div", describe(one), "instances"));
          const actions = element("div", null, "actions");
          if (service.kind === "service") {
            const scale = count => act("PUT", path + "/scale", { instances: count });
            actions.append(
              button("−", "One instance fewer", () => scale(service.desired - 1), service.desired < 1),
              button("+", "One instance more", () => scale(service.desired + 1)), " ");
          }
          actions.append(button("Why?", "How " + service.name + " came to be so", () => showWhy(service.name, path)), " ");
          actions.append(button("Logs", "What " + service.name + " printed last", () => showLogs(service.name, path)), " ");
          actions.append(button("Restart", "Restart " + service.name, () => act("POST", path + "/restart")), " ");
          if (service.kind === "service") {
            const stopped = ["stopped", "failed", "completed", "scheduled"].includes(service.state);
            const runs = ["completed", "scheduled"].includes(service.state);
            actions.append(stopped
              ? button(runs ? "Run now" : "Start", "Start " + service.name, () => act("POST", path + "/start"))
              : button("Stop", "Stop " + service.name, () => {
                  if (confirm(`Stop ${service.name}?`)) act("POST", path + "/stop");
                }));
          }
          const reasons = [service.reason, ...service.instances.map(one => one.reason)].filter(Boolean);
          return row(service.name, badge(service.state), instances, [...new Set(reasons)].join("; "), actions);
        }

        function show(title, ...content) {
          byId("detail-title").textContent = title;
          byId("detail-content").replaceChildren(...content);
          byId("detail").showModal();
        }
        async function showWhy(name, path) {
          try {
            const story = await call(path + "/why");
            const list = element("table"), body = element("tbody");
            for (const event of story.events) {
              const line = row(new Date(event.time).toLocaleString(), event.text);
              if (event.importance !== "ordinary") line.lastChild.className = event.importance;
              body.append(line);
            }
            list.append(body);
            show("Why " + name, ...story.now.map(text => element("p", text)), list, ...story.advice.map(text => element("p", "→ " + text)));
          } catch (error) { notice(error.message); }
        }
        async function showLogs(name, path) {
          try {
            const answer = await fetch(path + "/logs?lines=200", {
              cache: "no-store", headers: { "Authorization": "Bearer " + token, "Accept": "text/plain" },
            });
            if (!answer.ok) throw new Error(answer.statusText);
            show("Logs of " + name, element("pre", (await answer.text()) || "It has printed nothing."));
          } catch (error) { notice(error.message); }
        }

        function queueRow(queue) {
          const replay = button("Replay dead letters", "Send them back to " + queue.name, () => {
            if (confirm(`Send ${queue.dead} dead letters back to ${queue.name}?`))
              act("POST", `/v1/dead-letters/${encodeURIComponent(queue.name)}/replay`);
          }, queue.dead === 0);
          return row(queue.name, queue.consumer, queue.ready, queue.unacknowledged, queue.retrying, queue.dead, queue.consumers, replay);
        }

        function eventRow(event) {
          const who = event.instance ? `${event.service}/${event.instance}` : event.service;
          const cause = element("div", event.cause);
          if (event.evidence) cause.append(element("div", event.evidence, "instances"));
          return row(event.time.replace("T", " ").slice(0, 23), who, event.from, badge(event.to), cause);
        }

        function addresses(status) {
          const footer = byId("addresses");
          footer.replaceChildren();
          for (const [name, address] of Object.entries(status.addresses)) {
            const shown = element(address.startsWith("http") ? "a" : "span", `${name}: ${address} `);
            if (address.startsWith("http")) { shown.href = address; shown.rel = "noreferrer"; }
            footer.append(shown);
          }
          footer.append(element("span", "Processes are kept together by: " + status.containment));
        }

        async function refresh() {
          if (busy || !token) return;
          busy = true; clearTimeout(timer);
          try {
            const status = await call("/v1/services");
            byId("name").textContent = status.name;
            document.title = `${status.name}: ${status.state} – Signalbox`;
            byId("state").replaceWith(Object.assign(badge(status.state), { id: "state" }));
            byId("reason").textContent = status.reason || "";
            byId("services").replaceChildren(...status.services.map(serviceRow));
            addresses(status);
            const { events } = await call("/v1/events?limit=" + MAX_ROWS);
            byId("events").replaceChildren(...events.reverse().map(eventRow));
            byId("main").hidden = false; byId("forget").hidden = false; byId("ask").hidden = true;
            const queues = await call("/v1/queues").catch(() => null);
            if (queues) byId("queues").replaceChildren(...queues.queues.map(queueRow));
          } catch (error) {
            if (token) notice(error instanceof TypeError ? "Signalbox does not answer; trying again." : error.message);
            busy = false;
            if (token) timer = setTimeout(refresh, REFRESH);
            return;
          }
          if (byId("notice").textContent.startsWith("Signalbox does not answer")) notice("");
          busy = false;
          timer = setTimeout(refresh, REFRESH);
        }

        byId("ask").addEventListener("submit", submitted => {
          submitted.preventDefault();
          token = byId("token").value.trim();
          byId("token").value = "";
          sessionStorage.setItem(KEY, token);
          notice(""); refresh();
        });
        byId("detail-close").addEventListener("click", () => byId("detail").close());
        byId("forget").addEventListener("click", () => forget(""));
        if (token) refresh(); else forget("");

        """#
}
