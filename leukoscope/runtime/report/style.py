"""The page's look: one column, quiet, the same on a screen and on A4."""

LOOK = """
:root{--ink:#23272e;--faint:#5f6671;--rule:#d5d8dd;--soft:#f4f5f7}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:15px/1.5 "Source Sans 3","Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:940px;margin:0 auto;padding:0 32px 48px}
.strip{max-width:none;margin:0 0 30px;padding:9px 0;border-bottom:2px solid var(--ink);font-size:13px;letter-spacing:.04em}
.strip b{text-transform:uppercase}
h1{font-size:30px;line-height:1.2;font-weight:600;margin:0 0 4px}
h2{font-size:20px;font-weight:600;margin:44px 0 6px;padding-top:12px;border-top:1px solid var(--ink)}
h3{font-size:16px;font-weight:600;margin:26px 0 6px}
h4{font-size:14px;font-weight:600;margin:18px 0 4px}
p{margin:6px 0 10px;max-width:78ch}
.sub,.note,figcaption{color:var(--faint);font-size:13.5px}
.note{max-width:92ch}
code{font:12.5px/1.45 ui-monospace,"DejaVu Sans Mono","Liberation Mono",monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:8px 0 14px;width:100%;font-size:14px}
th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
th{font-weight:600}
thead th{border-bottom:1px solid var(--ink);vertical-align:bottom}
tbody th{font-weight:400}
th:first-child,td:first-child,th.left,td.left{text-align:left}
.keep{white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.glance{margin-top:16px}
.glance td:nth-child(-n+3),.glance th{white-space:nowrap}
.of{display:block;color:var(--faint);font-size:12px;white-space:nowrap}
.left .of,th .of{white-space:normal}
ul.names{columns:3;column-gap:24px;font-size:13px}
.verdict{margin:16px 0 8px;padding:12px 16px 6px;border:1px solid var(--ink);border-left-width:8px}
.verdict>p:first-child{margin:0 0 4px;font-size:17px}
.verdict p{max-width:none}
.verdict.failed{border-left-style:solid;border-color:#8c1515}
.verdict.passed{border-color:#1f6b45}
.verdict.undecided{border-left-style:double;border-color:#8a6100}
.badge{display:inline-block;padding:1px 10px;margin-right:10px;border:1.5px solid;font-weight:600}
.badge.passed,.passed>b{color:#1f6b45}
.badge.failed{color:#fff;background:#8c1515;border-color:#8c1515}
.badge.undecided,.undecided>b{color:#8a6100}
.badge.undecided{border-style:dashed}
.failed>b{color:#8c1515}
.alert{max-width:none;border:1px solid #8c1515;border-left-width:8px;padding:8px 16px;margin:12px 0}
ul{margin:4px 0 12px;padding-left:20px}
li{overflow-wrap:anywhere}
figure{margin:10px 0 16px;break-inside:avoid}
svg{font-size:12px;fill:var(--ink);max-width:100%;height:auto;font-family:inherit;overflow:visible}
.halo{paint-order:stroke;stroke:#fff;stroke-width:4px}
.row{display:flex;flex-wrap:wrap;gap:18px 16px;align-items:flex-end}
.row figure{margin:6px 0}
.three{display:grid;grid-template-columns:repeat(3,minmax(0,1fr))}
.triple{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:8px;margin:0 0 4px}
.triple img{width:100%;display:block;border:1px solid var(--rule)}
.triples{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px 30px}
.triples figcaption{overflow-wrap:anywhere;line-height:1.35}
.heads{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:8px;color:var(--faint);font-size:12px}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 20px;margin:8px 0;font-size:14px}
dt{color:var(--faint)}
dd{margin:0;overflow-wrap:anywhere}
footer{margin-top:44px;padding-top:10px;border-top:2px solid var(--ink);font-size:13px}
@media print{
body{font-size:9.5pt}
main{max-width:none;padding:0}
table{font-size:9pt}
h2{margin-top:22pt;break-after:avoid}
h3,h4{break-after:avoid}
p,tr,.triples figure{break-inside:avoid}
.verdict>p,.note{break-after:avoid}
.row{gap:10px 8px}
thead{display:table-header-group}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


PRINTABLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :")
SMALL = "font:8pt sans-serif;color:#5f6671"


def page_margins(what: str, name: str = "") -> str:
    """What stands on every printed page: the notice and the number at its foot, a name and the notice at its head."""
    head = (
        f"@top-left{{content:{quoted(name)};{SMALL}}}"
        f"@top-right{{content:{quoted('Research use only')};{SMALL}}}"
    )
    return (
        f"@page{{size:A4;margin:{'17mm' if name else '15mm'} 15mm 17mm;{head if name else ''}"
        f"@bottom-left{{content:{quoted(f'{what}: research use only')};{SMALL}}}"
        f'@bottom-right{{content:counter(page) " of " counter(pages);{SMALL}}}}}\n'
    )


def quoted(text: str) -> str:
    """A string of CSS: whatever is no letter or digit as its code, so that no name can end it, or the sheet."""
    return '"' + "".join(one if one in PRINTABLE else f"\\{ord(one):06x}" for one in text) + '"'


CSS = LOOK + page_margins("Leukoscope validation report")
"""Of the validation report."""
