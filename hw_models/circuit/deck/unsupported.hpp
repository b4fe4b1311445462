#pragma once
// What SPICE decks may hold and this release does not simulate. Each is refused by name; nothing is ever skipped.
// To support one: write it, then delete its line in unsupported.cpp.

#include <string_view>

#include "tellegen/units/input_error.hpp"

namespace tellegen::deck {

/// @throws InputError "... is not supported yet" when the directive is known but planned, else that it is unknown
[[noreturn]] void refuse_directive(std::string_view directive, const SourceLocation& where);

/// @param keyword device letter, or the Y type, in lower case
[[noreturn]] void refuse_device(std::string_view keyword, const SourceLocation& where, std::string_view subject);

/// Returns when the instance parameter of an element is not among the planned ones.
void refuse_planned_parameter(std::string_view parameter, const SourceLocation& where, std::string_view subject);

/// Returns when the model type is not among the planned ones.
void refuse_planned_model_type(std::string_view type, const SourceLocation& where, std::string_view subject);

/// Returns when the word is not the name of a planned source waveform.
void refuse_planned_waveform(std::string_view word, const SourceLocation& where, std::string_view subject);

}  // namespace tellegen::deck
