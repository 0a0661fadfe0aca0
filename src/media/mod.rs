//! Sources of sound (files and generators) and the facts about them.
