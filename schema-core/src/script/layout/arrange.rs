//! Files into revisions: which go together, which come first.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use schema_model::DialectKind;

use super::names::{Direction, FileName, dialect_word, possible_directions};
use super::narrow::is_direction;
use super::sections;
use super::{Arranged, Entry, Layout, ListedFile, Part};
use crate::revision::natural;

/// Pairs and orders the files of one folder, as the layout's tool does.
pub fn arrange(files: Vec<ListedFile>, layout: Layout, dialect: Option<DialectKind>) -> Arranged {
    let options = Options::of(&files);
    let files: Vec<ListedFile> = files.into_iter().filter(ListedFile::is_sql).collect();
    let mut out = Arranged::default();
    let units = match layout {
        Layout::Diesel | Layout::Prisma => folder_units(files, &mut out),
        _ => file_units(files, layout, dialect, &mut out),
    };
    let mut paired = pair(units, &mut out);
    paired.sort_by(|left, right| compare(left, right, layout));
    baseline(&mut paired, &mut out);
    out.entries = entries(paired, layout, &options);
    out
}

/// A file with what its name says. `group` is what an up and its down share.
struct Unit {
    name: FileName,
    folder: String,
    path: String,
    text: String,
    direction: Direction,
}

/// Up and down together.
struct Pair {
    name: FileName,
    folder: String,
    up: Unit,
    down: Option<Unit>,
}

/// Files beside the SQL that say how it runs.
struct Options {
    without_transaction: Vec<String>,
}

impl Options {
    /// diesel's `metadata.toml`, Flyway's `<file>.conf`.
    fn of(files: &[ListedFile]) -> Options {
        let says = |file: &&ListedFile| {
            let text: String = file.text.to_ascii_lowercase().split_whitespace().collect();
            text.contains("run_in_transaction=false") || text.contains("executeintransaction=false")
        };
        let paths = files.iter().filter(|file| !file.is_sql()).filter(says);
        let target = |file: &ListedFile| match file.path.strip_suffix(".conf") {
            Some(sql) => sql.to_owned(),
            None => file.folder().to_owned(),
        };
        Options { without_transaction: paths.map(target).collect() }
    }

    fn transaction(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        !self.without_transaction.iter().any(|own| own == path || (!folder.is_empty() && own == folder))
    }
}

/// `<name>/up.sql`, `<name>/down.sql`, `<name>/migration.sql`.
fn folder_units(files: Vec<ListedFile>, out: &mut Arranged) -> Vec<Unit> {
    let mut units = Vec::new();
    for file in files {
        let direction = match file.name() {
            "up.sql" | "migration.sql" => Direction::Up,
            "down.sql" => Direction::Down,
            _ => {
                out.ignored.push((file.path, "neither up.sql nor down.sql"));
                continue;
            }
        };
        let folder = file.folder().to_owned();
        let (parent, own) = folder.rsplit_once('/').unwrap_or(("", &folder));
        let name = FileName::read(&format!("{own}.sql"));
        let name = FileName { stem: own.to_owned(), direction: Some(direction), ..name };
        units.push(Unit { name, folder: parent.to_owned(), path: file.path, text: file.text, direction });
    }
    units
}

fn file_units(
    files: Vec<ListedFile>,
    layout: Layout,
    dialect: Option<DialectKind>,
    out: &mut Arranged,
) -> Vec<Unit> {
    let mut named = Vec::new();
    for file in files {
        let name = FileName::read(file.name());
        match unwanted(&name, file.name(), layout, dialect) {
            Some(reason) => out.ignored.push((file.path, reason)),
            None => named.push((name, file)),
        }
    }
    let named = override_by_dialect(named, out);
    let mut units: Vec<Unit> = Vec::with_capacity(named.len());
    let partners = Partners::of(&named);
    for (mut name, file) in named {
        let (folder, folder_direction) = folder_direction(file.folder());
        // Flyway's U1 undoes V1; refinery's U1 is a migration of its own.
        let undo = name.prefix == Some('U') && partners.has_version(&name.number, file.folder());
        let direction = folder_direction.or(name.direction).or(undo.then_some(Direction::Down));
        let direction = direction.unwrap_or_else(|| partners.direction(&mut name, file.folder()));
        let flyway = matches!(layout, Layout::Flyway | Layout::Refinery);
        let numberless = name.number.is_empty() && layout != Layout::Plain && !flyway;
        if numberless && direction == Direction::Up {
            out.ignored.push((file.path, "its name begins with no number"));
            continue;
        }
        units.push(Unit { name, folder, path: file.path, text: file.text, direction });
    }
    units
}

/// Why the layout's tool would not run a file.
fn unwanted(
    name: &FileName,
    file: &str,
    layout: Layout,
    dialect: Option<DialectKind>,
) -> Option<&'static str> {
    if let Some(word) = &name.dialect
        && dialect.is_some()
        && dialect_word(word).flatten() != dialect
    {
        return Some("for another database");
    }
    let flyway = matches!(layout, Layout::Flyway | Layout::Refinery);
    let numbered = |stem: &str| !FileName::read(&format!("{stem}.sql")).number.is_empty();
    let undoes = || {
        possible_directions(&name.stem)
            .iter()
            .any(|(stem, _)| FileName::read(&format!("{stem}.sql")).is_flyway())
    };
    if flyway && !name.is_flyway() && !undoes() {
        return Some("not named as the layout asks (V1__name.sql)");
    }
    let lower = file.to_ascii_lowercase();
    if name.direction.is_none()
        && [".up.", ".down."].iter().any(|word| name.stem.to_ascii_lowercase().contains(word))
    {
        return Some("its name says a direction and goes on");
    }
    let dump = ["schema.sql", "structure.sql", "seed.sql", "seeds.sql", "dump.sql"].contains(&lower.as_str());
    let directed = || possible_directions(&name.stem).iter().any(|(stem, _)| numbered(stem));
    if layout != Layout::Plain && !flyway && name.number.is_empty() && !directed() {
        return Some(if dump { "not a migration" } else { "its name begins with no number" });
    }
    None
}

/// A file for the dialect stands in for the plain one of the same name and direction.
fn override_by_dialect(
    named: Vec<(FileName, ListedFile)>,
    out: &mut Arranged,
) -> Vec<(FileName, ListedFile)> {
    let key =
        |name: &FileName, file: &ListedFile| (file.folder().to_owned(), name.stem.clone(), name.direction);
    let special: Vec<_> =
        named.iter().filter(|(name, _)| name.dialect.is_some()).map(|(n, f)| key(n, f)).collect();
    if special.is_empty() {
        return named;
    }
    let special: HashSet<_> = special.into_iter().collect();
    let (kept, left): (Vec<_>, Vec<_>) = named
        .into_iter()
        .partition(|(name, file)| name.dialect.is_some() || !special.contains(&key(name, file)));
    out.ignored.extend(left.into_iter().map(|(_, file)| (file.path, "the dialect has a file of its own")));
    kept
}

/// `up/001_x.sql` and `down/001_x.sql` belong together.
fn folder_direction(folder: &str) -> (String, Option<Direction>) {
    let (parent, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if !is_direction(last) {
        return (folder.to_owned(), None);
    }
    let up = matches!(last.to_ascii_lowercase().as_str(), "up" | "deploy");
    (parent.to_owned(), Some(if up { Direction::Up } else { Direction::Down }))
}

/// Every stem and number of a folder, to tell `0004_clean_up` from a way up.
struct Partners {
    stems: HashMap<(String, String), usize>,
    numbers: HashMap<(String, String), usize>,
    versions: HashSet<(String, String)>,
}

impl Partners {
    fn of(named: &[(FileName, ListedFile)]) -> Partners {
        let mut partners =
            Partners { stems: HashMap::new(), numbers: HashMap::new(), versions: HashSet::new() };
        for (name, file) in named {
            let folder = file.folder().to_owned();
            *partners.numbers.entry((folder.clone(), name.number.clone())).or_default() += 1;
            if name.prefix == Some('V') {
                partners.versions.insert((folder.clone(), name.number.clone()));
            }
            *partners.stems.entry((folder, name.stem.clone())).or_default() += 1;
        }
        partners
    }

    fn has_version(&self, number: &str, folder: &str) -> bool {
        self.versions.contains(&(folder.to_owned(), number.to_owned()))
    }

    /// The direction of a name whose dots do not tell; a partner's stem is taken over.
    fn direction(&self, name: &mut FileName, folder: &str) -> Direction {
        for (stem, direction) in possible_directions(&name.stem) {
            let has = |stem: String| self.stems.contains_key(&(folder.to_owned(), stem));
            let others: &[&str] = if direction == Direction::Up { &["down"] } else { &["up", "forward"] };
            let opposite = others.iter().any(|word| {
                let number = stem.bytes().take_while(u8::is_ascii_digit).count();
                let inner = format!("{}_{word}{}", &stem[..number], &stem[number..]);
                ["_", "-"]
                    .iter()
                    .any(|joint| has(format!("{stem}{joint}{word}")) || has(format!("{word}{joint}{stem}")))
                    || (number > 0 && has(inner))
            });
            let bare = direction == Direction::Down && has(stem.clone());
            // `003_rollback.sql` beside one other file of the number.
            let number = (folder.to_owned(), name.number.clone());
            let by_number = direction == Direction::Down
                && !name.number.is_empty()
                && stem == name.number
                && self.numbers.get(&number) == Some(&2);
            if opposite || bare || by_number {
                let plain = FileName::read(&format!("{stem}.sql"));
                (name.stem, name.number, name.name) = (stem, plain.number, plain.name);
                return direction;
            }
        }
        Direction::Up
    }
}

/// Ups with their downs: by stem, else by a number that only one up has.
fn pair(units: Vec<Unit>, out: &mut Arranged) -> Vec<Pair> {
    let (ups, downs): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| unit.direction == Direction::Up);
    let mut pairs: Vec<Pair> = ups
        .into_iter()
        .map(|up| Pair { name: up.name.clone(), folder: up.folder.clone(), up, down: None })
        .collect();
    let mut stems = BTreeMap::new();
    let mut numbers: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, pair) in pairs.iter().enumerate() {
        stems.insert((pair.folder.clone(), undo_stem(&pair.name)), index);
        if !pair.name.number.is_empty() {
            numbers.entry((pair.folder.clone(), pair.name.number.clone())).or_default().push(index);
        }
    }
    for down in downs {
        let stem = stems.get(&(down.folder.clone(), undo_stem(&down.name))).copied();
        let number = numbers.get(&(down.folder.clone(), down.name.number.clone()));
        let number = number.and_then(|all| if let [one] = all.as_slice() { Some(*one) } else { None });
        match stem.or(number).and_then(|index| pairs.get_mut(index)).filter(|pair| pair.down.is_none()) {
            Some(pair) => pair.down = Some(down),
            None => out.ignored.push((down.path, "there is no way up that it would undo")),
        }
    }
    pairs
}

/// Flyway's `U1__x` undoes `V1__x`.
fn undo_stem(name: &FileName) -> String {
    match name.prefix {
        Some('U') => format!("V{}", &name.stem[1..]),
        _ => name.stem.clone(),
    }
}

/// The order in which the layout's tool runs revisions.
fn compare(left: &Pair, right: &Pair, layout: Layout) -> Ordering {
    let repeatable = |pair: &Pair| pair.name.prefix == Some('R');
    let numberless = |pair: &Pair| pair.name.number.is_empty();
    let order = repeatable(left).cmp(&repeatable(right));
    let order = order.then_with(|| match layout {
        Layout::Diesel => dashless(&left.name).cmp(&dashless(&right.name)),
        Layout::Pop => left.name.number.cmp(&right.name.number),
        Layout::Prisma => left.name.stem.cmp(&right.name.stem),
        Layout::Plain => natural(&left.folder, &right.folder).then_with(|| plain(&left.name, &right.name)),
        Layout::Flyway | Layout::Refinery => versions(&left.name.number, &right.name.number),
        // Subfolders are releases (`v1.0/001_x.sql`): their order comes before the numbers'.
        _ => natural(&left.folder, &right.folder)
            .then_with(|| numberless(left).cmp(&numberless(right)))
            .then_with(|| natural(&left.name.number, &right.name.number)),
    });
    order.then_with(|| left.name.stem.cmp(&right.name.stem)).then_with(|| left.up.path.cmp(&right.up.path))
}

/// diesel compares the part before the first underscore, dashes taken out, as text.
fn dashless(name: &FileName) -> String {
    let version = name.stem.split('_').next().unwrap_or_default();
    version.replace('-', "")
}

/// Mixed names: numbers as numbers where both begin with one, else as text.
fn plain(left: &FileName, right: &FileName) -> Ordering {
    if left.number.is_empty() || right.number.is_empty() {
        return left.stem.cmp(&right.stem);
    }
    natural(&left.number, &right.number)
}

/// Flyway's versions: parts as numbers, missing ones are zero.
fn versions(left: &str, right: &str) -> Ordering {
    let parts = |text: &str| text.split(['.', '_']).map(str::to_owned).collect::<Vec<_>>();
    let (left, right) = (parts(left), parts(right));
    let part = |parts: &[String], at: usize| parts.get(at).cloned().unwrap_or_else(|| "0".to_owned());
    (0..left.len().max(right.len()))
        .map(|at| natural(&part(&left, at), &part(&right, at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Flyway begins a new database at its newest baseline: what that stands for is not run.
fn baseline(pairs: &mut Vec<Pair>, out: &mut Arranged) {
    let Some(last) = pairs.iter().rposition(|pair| pair.name.prefix == Some('B')) else { return };
    let number = pairs[last].name.number.clone();
    let stem = pairs[last].name.stem.clone();
    let covered = |pair: &Pair| {
        pair.name.stem != stem
            && pair.name.prefix != Some('R')
            && versions(&pair.name.number, &number) != Ordering::Greater
    };
    let (left, kept): (Vec<_>, Vec<_>) = std::mem::take(pairs).into_iter().partition(covered);
    *pairs = kept;
    out.ignored.extend(left.into_iter().map(|pair| (pair.up.path, "covered by a baseline")));
}

fn entries(pairs: Vec<Pair>, layout: Layout, options: &Options) -> Vec<Entry> {
    let mut ids: HashMap<String, usize> = HashMap::new();
    for pair in &pairs {
        *ids.entry(id(&pair.name, layout)).or_default() += 1;
    }
    let mut stems: HashMap<String, usize> = HashMap::new();
    for pair in &pairs {
        *stems.entry(pair.name.stem.clone()).or_default() += 1;
    }
    let entry = |pair: Pair| {
        // Two of our tags alike are an error of the graph; other tools' numbers merely stop being names.
        let own = id(&pair.name, layout);
        let unique = ids.get(&own) == Some(&1) || layout == Layout::Semver;
        let stem = match stems.get(&pair.name.stem) {
            Some(1) => pair.name.stem.clone(),
            _ if pair.folder.is_empty() => pair.name.stem.clone(),
            _ => format!("{}/{}", pair.folder, pair.name.stem),
        };
        let id = if unique { own } else { stem.clone() };
        let message = pair.name.message();
        let (up, down) = parts(pair, layout, options);
        Entry { id, stem, message, up, down }
    };
    pairs.into_iter().map(entry).collect()
}

fn id(name: &FileName, layout: Layout) -> String {
    match (name.prefix, layout) {
        (Some('R'), _) => name.stem.clone(),
        (Some(prefix), _) => format!("{prefix}{}", name.number.replace('_', ".")),
        (None, Layout::Prisma | Layout::Plain) => name.stem.clone(),
        (None, Layout::Diesel) => dashless(name),
        (None, _) if name.number.is_empty() => name.stem.clone(),
        (None, _) => name.number.clone(),
    }
}

fn parts(pair: Pair, layout: Layout, options: &Options) -> (Part, Option<Part>) {
    let part = |unit: Unit| {
        let quiet = unit.name.autocommit || sections::says_no_transaction(&unit.text);
        let transaction = !quiet && options.transaction(&unit.path);
        Part { path: unit.path, text: unit.text, transaction }
    };
    let sections = if layout.has_sections() {
        sections::divide(&pair.up.text)
    } else {
        sections::divide_stray(&pair.up.text).filter(|_| pair.down.is_none())
    };
    match sections {
        Some(sections) => {
            let path = pair.up.path;
            let transactions = sections.transactions;
            let down =
                sections.down.map(|text| Part { path: path.clone(), text, transaction: transactions.1 });
            (Part { path, text: sections.up, transaction: transactions.0 }, down)
        }
        None => (part(pair.up), pair.down.map(part)),
    }
}
