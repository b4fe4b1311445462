#include "hw_models/circuit/deck/source_card.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <limits>

#include "hw_models/circuit/deck/unsupported.hpp"

namespace tellegen::deck {
namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

/// Numbers of one waveform, with SPICE's defaults for those left out.
struct Arguments {
  std::string_view shape;
  std::vector<double> values;
  const std::optional<WaveformDefaults>& defaults;
  const SourceLocation& where;
  std::string_view subject;

  [[noreturn]] void fail(std::string_view message) const {
    throw InputError(where, subject, fmt::format("{}: {}", shape, message));
  }

  void check_count(std::size_t least, std::size_t most) const {
    if (values.size() < least || values.size() > most)
      fail(fmt::format("{} to {} values are expected, got {}", least, most, values.size()));
  }
  [[nodiscard]] double at(std::size_t index, double otherwise = 0) const {
    return index < values.size() ? values[index] : otherwise;
  }
  /// Zero means "not given" for times in SPICE.
  [[nodiscard]] double unless_zero(std::size_t index, double otherwise) const {
    const double value = at(index);
    if (value < 0) fail(fmt::format("value {} must not be negative, got {:g}", index + 1, value));
    return value != 0 ? value : otherwise;
  }
  [[nodiscard]] double positive(std::size_t index, std::string_view meaning, std::optional<double> otherwise) const {
    const double value = at(index);
    if (value < 0) fail(fmt::format("the {} must be positive, got {:g}", meaning, value));
    if (value > 0) return value;
    if (!otherwise)
      fail(fmt::format("the {} (value {}) is expected: without .tran it has no default", meaning, index + 1));
    return *otherwise;
  }
};

Waveform::Shape sine(const Arguments& a) {
  a.check_count(2, 6);
  const auto once = a.defaults ? std::optional(1 / a.defaults->stop) : std::nullopt;
  return SineWave{.offset = a.at(0),
                  .amplitude = a.at(1),
                  .frequency = a.positive(2, "frequency", once),
                  .delay = a.at(3),
                  .damping = a.at(4),
                  .phase = a.at(5)};
}

Waveform::Shape pulse(const Arguments& a) {
  a.check_count(2, 7);
  const double step = a.defaults ? a.defaults->step : 0;
  return PulseWave{.initial = a.at(0),
                   .pulsed = a.at(1),
                   .delay = a.at(2),
                   .rise = a.unless_zero(3, step),
                   .fall = a.unless_zero(4, step),
                   .width = a.unless_zero(5, endless),
                   .period = a.unless_zero(6, 0)};
}

Waveform::Shape exponential(const Arguments& a) {
  a.check_count(2, 6);
  const auto step = a.defaults ? std::optional(a.defaults->step) : std::nullopt;
  ExponentialWave wave{.initial = a.at(0), .pulsed = a.at(1), .rise_delay = a.unless_zero(2, step.value_or(0))};
  wave.rise_tau = a.positive(3, "rise time constant", step);
  wave.fall_delay = a.positive(4, "fall delay", step ? std::optional(wave.rise_delay + *step) : std::nullopt);
  wave.fall_tau = a.positive(5, "fall time constant", step);
  if (wave.fall_delay < wave.rise_delay) a.fail("the fall must not come before the rise");
  return wave;
}

Waveform::Shape piecewise_linear(const Arguments& a) {
  if (a.values.empty() || a.values.size() % 2 != 0)
    a.fail(fmt::format("pairs of time and value are expected, got {} values", a.values.size()));
  PiecewiseLinear wave;
  for (std::size_t i = 0; i < a.values.size(); i += 2) {
    if (i > 0 && a.values[i] <= a.values[i - 2])
      a.fail(fmt::format("times must increase, got {:g} after {:g}", a.values[i], a.values[i - 2]));
    wave.points.emplace_back(a.values[i], a.values[i + 1]);
  }
  return wave;
}

struct ShapeReader {
  std::string_view keyword, name;
  Waveform::Shape (*read)(const Arguments&);
};
constexpr auto shapes = std::to_array<ShapeReader>(
    {{"sin", "SIN", sine}, {"pulse", "PULSE", pulse}, {"pwl", "PWL", piecewise_linear}, {"exp", "EXP", exponential}});

const ShapeReader* find_shape(const Token& token) {
  if (token.kind != Token::Kind::word) return nullptr;
  const auto found = std::ranges::find(shapes, token.word, &ShapeReader::keyword);
  return found == shapes.end() ? nullptr : &*found;
}

/// Walks over the tokens after the nodes.
class SourceReader {
 public:
  SourceReader(std::span<const Token> tokens, Instance& instance, const std::optional<WaveformDefaults>& defaults,
               const SourceLocation& where, std::string_view subject)
      : tokens_(tokens), instance_(instance), defaults_(defaults), where_(where), subject_(subject) {}

  void read() {
    while (!done()) {
      const auto& token = tokens_[at_];
      if (token.is_word("dc")) {
        ++at_;
        if (!done() && tokens_[at_].is_symbol('=')) ++at_;
        if (done()) fail("a value is expected after DC");
        set_dc();
      } else if (token.is_word("ac")) {
        read_small_signal();
      } else if (const auto* shape = find_shape(token)) {
        read_shape(*shape);
      } else if (at_ == 0) {
        refuse_planned_waveform(token.word, where_, subject_);
        set_dc();
      } else {
        refuse_planned_waveform(token.word, where_, subject_);
        fail(fmt::format("unexpected \"{}\"; DC, AC, SIN, PULSE, PWL or EXP is expected", token.text));
      }
    }
  }

  [[nodiscard]] Waveform waveform() const {
    if (!shape_) return Waveform(dc_.value_or(0));
    return {*shape_, dc_.value_or(0), dc_.has_value()};
  }
  [[nodiscard]] const std::optional<SmallSignalStimulus>& small_signal() const { return small_signal_; }

 private:
  [[noreturn]] void fail(std::string_view message) const { throw InputError(where_, subject_, message); }
  [[nodiscard]] bool done() const { return at_ >= tokens_.size(); }
  [[nodiscard]] double number() { return value_of(tokens_[at_++], instance_.scope(), where_, subject_); }

  void set_dc() {
    if (dc_) fail(fmt::format("a second DC value: \"{}\"", tokens_[at_].text));
    dc_ = number();
  }

  /// A number, an expression or a parameter's name, but no keyword.
  [[nodiscard]] bool at_value() const {
    return !done() && tokens_[at_].kind != Token::Kind::symbol && !tokens_[at_].is_word("dc") &&
           !tokens_[at_].is_word("ac") && find_shape(tokens_[at_]) == nullptr;
  }

  void read_small_signal() {
    if (small_signal_) fail("AC is given twice");
    ++at_;
    if (!done() && tokens_[at_].is_symbol('=')) ++at_;
    small_signal_.emplace();
    if (at_value()) small_signal_->magnitude = number();
    if (at_value()) small_signal_->phase = number();
  }

  void read_shape(const ShapeReader& shape) {
    if (shape_) fail(fmt::format("a second waveform: {}", shape.name));
    ++at_;
    const bool bracketed = !done() && tokens_[at_].is_symbol('(');
    if (bracketed) ++at_;
    Arguments arguments{shape.name, {}, defaults_, where_, subject_};
    while (!done()) {
      if (tokens_[at_].is_symbol(',')) {
        ++at_;
      } else if (at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_symbol('=') && !tokens_[at_].is_word("dc") &&
                 !tokens_[at_].is_word("ac")) {
        fail(fmt::format("{}: \"{}=\" is not supported yet", shape.name, tokens_[at_].text));
      } else if (at_value()) {
        arguments.values.push_back(number());
      } else {
        break;
      }
    }
    if (bracketed && (done() || !tokens_[at_++].is_symbol(')'))) fail(fmt::format("{}: \")\" is missing", shape.name));
    shape_ = shape.read(arguments);
  }

  std::span<const Token> tokens_;
  Instance& instance_;
  const std::optional<WaveformDefaults>& defaults_;
  const SourceLocation& where_;
  std::string_view subject_;
  std::size_t at_ = 0;
  std::optional<double> dc_;
  std::optional<Waveform::Shape> shape_;
  std::optional<SmallSignalStimulus> small_signal_;
};

}  // namespace

SourceCard read_source(const Card& card, Instance& instance, CircuitBuilder& builder,
                       const std::optional<WaveformDefaults>& defaults) {
  const auto subject = instance.subject(card.head().text);
  const auto tokens = card.after(1);
  if (tokens.size() < 2)
    throw InputError(card.where, subject, fmt::format("a source has 2 nodes, got {}", tokens.size()));
  SourceCard result;
  result.source.name = lower_case(subject);
  result.source.kind = card.head().word.front() == 'v' ? SourceKind::voltage : SourceKind::current;
  result.source.where = card.where;
  result.source.port.p = builder.node(instance.node(tokens[0], card.where, subject));
  result.source.port.n = builder.node(instance.node(tokens[1], card.where, subject));
  SourceReader reader(tokens.subspan(2), instance, defaults, card.where, subject);
  reader.read();
  result.source.waveform = reader.waveform();
  result.small_signal = reader.small_signal();
  return result;
}

}  // namespace tellegen::deck
