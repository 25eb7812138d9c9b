//! What the compiler says about mistakes: pairs by theme, several mistakes in one file.

#[test]
fn mistakes_are_said_at_their_place() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*/pass_*.rs");
    cases.compile_fail("tests/ui/*/fail_*.rs");
}
