#pragma once
// Foreign text made safe for a page, an XML file or a JSON file.

#include <string>
#include <string_view>

namespace tellegen::report {

/// The text as valid UTF-8 without control characters other than tab and newline: each offending byte becomes U+FFFD.
/// Decks come in any encoding, and one such byte would make a whole XML or JSON file unreadable.
[[nodiscard]] std::string clean_text(std::string_view text);

/// Cleaned text in which markup characters are written as entities; good between tags and inside quoted attributes.
[[nodiscard]] std::string escape_markup(std::string_view text);

/// A run of superscript characters is set by the page in its own type, since fonts draw those characters unevenly:
/// every run, as plain digits, goes between `open` and `close`. Drawings inside the markup are left alone.
[[nodiscard]] std::string raise_superscripts(std::string_view markup, std::string_view open, std::string_view close);

}  // namespace tellegen::report
