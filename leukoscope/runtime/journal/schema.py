"""The journal's tables, version 2. `docs/journal.md` says what each column means and in which unit."""

APPLICATION_ID = 0x4C6B6F4A
"""`LkoJ`: marks an SQLite file as a journal of Leukoscope."""
SCHEMA_VERSION = 2
"""Another version is refused, not read as well as may be."""

TABLES: tuple[str, ...] = (
    """CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    slide TEXT NOT NULL,
    made_wall_ns INTEGER NOT NULL,
    made_by TEXT NOT NULL
)""",
    """CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    live INTEGER NOT NULL,
    bundle_sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    device TEXT NOT NULL,
    version TEXT NOT NULL,
    stages TEXT NOT NULL,
    cell_types TEXT NOT NULL,
    models TEXT NOT NULL,
    boot TEXT NOT NULL,
    began_wall_ns INTEGER NOT NULL,
    began_tick_ns INTEGER NOT NULL,
    ended_wall_ns INTEGER,
    ended_tick_ns INTEGER,
    ending TEXT CHECK (ending IN ('done', 'stopped', 'crashed'))
)""",
    """CREATE TABLE fields (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id),
    scope INTEGER NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    frame INTEGER NOT NULL,
    captured_wall_ns INTEGER NOT NULL,
    captured_tick_ns INTEGER NOT NULL,
    media_time_ns INTEGER,
    frame_age_ms REAL NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    stage TEXT,
    probability REAL,
    probabilities TEXT NOT NULL,
    voter TEXT,
    head_stage TEXT,
    flags TEXT NOT NULL,
    um_per_px REAL,
    scale_source TEXT NOT NULL,
    red_cell_px REAL,
    stop INTEGER,
    quality TEXT,
    island INTEGER,
    slide_x_px REAL,
    slide_y_px REAL,
    slide_px_per_px REAL,
    certain INTEGER,
    joined TEXT,
    evidence_network TEXT,
    evidence_class TEXT,
    evidence_method TEXT,
    evidence_on_cells REAL,
    UNIQUE (scope, source, name)
)""",
    """CREATE TABLE cells (
    field INTEGER NOT NULL REFERENCES fields (id),
    cell INTEGER NOT NULL,
    slide_number INTEGER,
    new INTEGER NOT NULL,
    x_px INTEGER NOT NULL,
    y_px INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    type TEXT NOT NULL,
    probability REAL,
    probabilities TEXT NOT NULL,
    area_px INTEGER NOT NULL,
    area_um2 REAL,
    nc_ratio REAL,
    roundness REAL,
    PRIMARY KEY (field, cell)
) WITHOUT ROWID""",
    """CREATE TABLE same_cells (
    later INTEGER NOT NULL,
    earlier INTEGER NOT NULL,
    field INTEGER NOT NULL REFERENCES fields (id),
    PRIMARY KEY (later, earlier)
) WITHOUT ROWID""",
    """CREATE VIEW slide_cells AS
SELECT * FROM cells WHERE new = 1
AND NOT EXISTS (SELECT 1 FROM same_cells WHERE later = slide_number)""",
    """CREATE TABLE maps (
    field INTEGER PRIMARY KEY REFERENCES fields (id),
    network TEXT NOT NULL,
    method TEXT NOT NULL,
    classes TEXT NOT NULL,
    rows INTEGER NOT NULL,
    columns INTEGER NOT NULL,
    steps BLOB NOT NULL,
    grid BLOB NOT NULL,
    even_shares BLOB,
    placement TEXT NOT NULL
)""",
    """CREATE TABLE thumbnails (
    field INTEGER PRIMARY KEY REFERENCES fields (id),
    picture BLOB NOT NULL
)""",
    """CREATE TABLE pictures (
    field INTEGER PRIMARY KEY REFERENCES fields (id),
    kind TEXT NOT NULL,
    weight REAL NOT NULL,
    size_bytes INTEGER NOT NULL,
    jpeg BLOB NOT NULL,
    mask BLOB
)""",
    """CREATE TABLE views (
    field INTEGER PRIMARY KEY REFERENCES fields (id),
    jpeg BLOB NOT NULL
)""",
    """CREATE TABLE crops (
    field INTEGER NOT NULL REFERENCES fields (id),
    cell INTEGER NOT NULL,
    jpeg BLOB NOT NULL,
    PRIMARY KEY (field, cell)
)""",
    """CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    at_wall_ns INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    field INTEGER NOT NULL REFERENCES fields (id),
    cell INTEGER,
    verdict TEXT NOT NULL CHECK (verdict IN ('type', 'stage', 'accept', 'reject', 'withdraw')),
    value TEXT
)""",
    """CREATE TABLE skipped_stops (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id),
    scope INTEGER NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    frame INTEGER NOT NULL,
    captured_wall_ns INTEGER NOT NULL,
    captured_tick_ns INTEGER NOT NULL,
    media_time_ns INTEGER,
    stop INTEGER,
    cause TEXT NOT NULL,
    quality TEXT,
    UNIQUE (scope, source, name)
)""",
    """CREATE TABLE drops (
    session INTEGER NOT NULL REFERENCES sessions (id),
    cause TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (session, cause)
) WITHOUT ROWID""",
    """CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id),
    at_wall_ns INTEGER NOT NULL,
    at_tick_ns INTEGER NOT NULL,
    state TEXT,
    detail TEXT NOT NULL
)""",
)
"""One statement a table or view, in the order of their making."""
