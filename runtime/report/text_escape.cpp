#include "runtime/report/text_escape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tellegen::report {
namespace {

/// Length of the valid UTF-8 sequence at the front of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0U) == 0x80U; };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
}

struct RaisedCharacter {
  std::string_view superscript, plain;
};

constexpr std::array<RaisedCharacter, 12> raised_characters{{{"⁰", "0"},
                                                             {"¹", "1"},
                                                             {"²", "2"},
                                                             {"³", "3"},
                                                             {"⁴", "4"},
                                                             {"⁵", "5"},
                                                             {"⁶", "6"},
                                                             {"⁷", "7"},
                                                             {"⁸", "8"},
                                                             {"⁹", "9"},
                                                             {"⁻", "\u2212"},
                                                             {"\u00B7", "."}}};

/// The superscript at the front of `text`, or nullptr. A raised dot counts only within a run, not at its start.
const RaisedCharacter* raised_at_front(std::string_view text, bool in_run) {
  for (const auto& character : raised_characters)
    if (text.starts_with(character.superscript)) return character.plain == "." && !in_run ? nullptr : &character;
  return nullptr;
}

}  // namespace

std::string clean_text(std::string_view text) {
  constexpr std::string_view replacement = "\uFFFD";
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0 || is_control(text.front())) {
      clean += replacement;
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string raise_superscripts(std::string_view markup, std::string_view open, std::string_view close) {
  std::string raised;
  raised.reserve(markup.size() + markup.size() / 8);
  bool in_run = false;
  while (!markup.empty()) {
    if (const auto* character = raised_at_front(markup, in_run)) {
      if (!in_run) raised += open;
      in_run = true;
      raised += character->plain;
      markup.remove_prefix(character->superscript.size());
      continue;
    }
    if (in_run) raised += close;
    in_run = false;
    const auto length = markup.starts_with("<svg") ? markup.find("</svg>") : 1;
    raised += markup.substr(0, length);
    markup.remove_prefix(std::min(length, markup.size()));
  }
  return in_run ? raised.append(close) : raised;
}

}  // namespace tellegen::report
