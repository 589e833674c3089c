enum DashboardPage {
    static func html(nonce: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Signalbox</title>
        <link rel="icon" href="data:,">
        <style nonce="\(nonce)">\(DashboardStyle.css)</style>
        </head>
        <body>
        <header>
          <h1>Signalbox <span id="name"></span></h1>
          <span id="state" class="badge" role="status"></span>
          <span id="reason"></span>
          <button id="forget" type="button" hidden>Forget token</button>
        </header>
        <p id="notice" role="alert" hidden></p>
        <form id="ask" hidden>
          <label for="token">Admin token <small>(in the state directory: <code>cat .signalbox/admin.token</code>)</small></label>
          <input id="token" type="password" autocomplete="off" spellcheck="false" required>
          <button type="submit">Open</button>
        </form>
        <main id="main" hidden>
          <section>
            <h2>Services</h2>
            <table>
              <thead><tr><th>Service<th>State<th>Instances<th>What it says<th>Actions</tr></thead>
              <tbody id="services"></tbody>
            </table>
          </section>
          <section>
            <h2>Queues</h2>
            <table>
              <thead><tr><th>Queue<th>Consumer<th class="number">Ready<th class="number">Unacknowledged<th class="number">Retrying<th class="number">Dead<th class="number">Consumers<th>Actions</tr></thead>
              <tbody id="queues"></tbody>
            </table>
          </section>
          <section>
            <h2>Last transitions</h2>
            <table>
              <thead><tr><th>Time<th>Service<th>From<th>To<th>Cause</tr></thead>
              <tbody id="events"></tbody>
            </table>
          </section>
        </main>
        <dialog id="detail" aria-labelledby="detail-title">
          <h2 id="detail-title"></h2>
          <div id="detail-content"></div>
          <button id="detail-close" type="button">Close</button>
        </dialog>
        <footer id="addresses"></footer>
        <script nonce="\(nonce)">\(DashboardScript.javaScript)</script>
        </body>
        </html>

        """
    }
}
