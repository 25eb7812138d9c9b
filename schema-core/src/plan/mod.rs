//! From changes to ordered SQL steps, up and down, proven by replay.
