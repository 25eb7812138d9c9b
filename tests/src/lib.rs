//! What the tests share: reading case files, opening throwaway databases.
