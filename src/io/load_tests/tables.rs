//! General rules of tables: orientation, ids, columns, numbers, ways to write.
