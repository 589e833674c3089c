enum DashboardStyle {
    static let css = """

        :root { color-scheme: light dark; --good: #18794e; --busy: #9a6700; --bad: #c0362c; --line: #8884; --dim: #888; }
        @media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --busy: #e2a336; --bad: #ff7b72; } }
        * { box-sizing: border-box; }
        body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1rem 1.5rem; }
        header { display: flex; align-items: baseline; gap: .8rem; flex-wrap: wrap; }
        h1 { font-size: 1.4rem; margin: .3rem 0; }
        h1 span { font-weight: 400; }
        h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
        #forget { margin-left: auto; }
        #reason, small, .dim { color: var(--dim); }
        section { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; font-weight: 600; color: var(--dim); font-size: .85rem; }
        th, td { padding: .32rem .7rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        .badge { font-weight: 600; white-space: nowrap; }
        .badge::before { content: "\\25CF\\00A0"; }
        .good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); }
        .instances { font-size: .85rem; color: var(--dim); }
        .actions { white-space: nowrap; }
        button { font: inherit; padding: .1rem .6rem; cursor: pointer; }
        button:disabled { cursor: default; opacity: .5; }
        form { display: grid; gap: .5rem; max-width: 34rem; margin: 3rem 0; }
        input { font: inherit; padding: .35rem .5rem; }
        #notice { border-left: 4px solid var(--bad); padding: .4rem .8rem; }
        dialog { width: min(1000px, 90vw); max-height: 85vh; overflow: auto; border: 1px solid var(--line); }
        pre { font-size: .82rem; overflow-x: auto; }
        footer { margin: 2rem 0 1rem; color: var(--dim); font-size: .9rem; }
        footer a { margin-right: 1.2rem; }

        """
}
