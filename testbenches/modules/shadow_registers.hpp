#pragma once
// What the chip board's registers should answer: the rules of the map written down a second time, by hand, from its documentation.
// No code and no table of the hardware is used here.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "modules/board_program.hpp"

namespace tellegen::test::board {

/// Registers of a board as software's own accesses make them; what the array writes by itself is not predicted, but for updates.
class ShadowRegisters {
 public:
  /// The response to a transaction, were it sent now.
  [[nodiscard]] tlm::tlm_response_status predict(const Payload& payload, bool busy) const {
    const std::size_t length = payload.bytes.size();
    const bool streams = payload.width < length;
    if (payload.byte_enables) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (length == 0 || length % 4 != 0 || (streams && payload.width != 8)) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.at > 0xFFFFFFFF) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    const bool writes = payload.kind == tlm::TLM_WRITE_COMMAND;
    Waiting low = low_;
    for (std::size_t i = 0; i < length / 4; ++i) {
      const auto at = static_cast<std::uint32_t>(payload.at + 4 * (streams ? i % 2 : i));
      const auto* row = find(at);
      if (!row) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
      if (streams && (!row->is_double || at != row->at + 4 * (i % 2) || length % 8 != 0)) return tlm::TLM_COMMAND_ERROR_RESPONSE;
      if (writes ? row->access == 'r' : row->access == 'w') return tlm::TLM_COMMAND_ERROR_RESPONSE;
      if (!writes) continue;
      if (row->is_locked && busy) return tlm::TLM_GENERIC_ERROR_RESPONSE;
      if (streams && i % 2 == 0) low = {};
      const auto word = word_of(payload, i);
      if (!row->is_double && has_unknown_code(row->at, word)) return tlm::TLM_COMMAND_ERROR_RESPONSE;
      if (!row->is_double) continue;
      if (at == row->at) {
        low = {row->at, word};
        continue;
      }
      const double value = regmap::double_of(low.at == row->at ? *low.word : 0, word);
      const bool is_limit = row->at == minimum || row->at == maximum;
      if (is_limit ? std::isnan(value) : !std::isfinite(value)) return tlm::TLM_COMMAND_ERROR_RESPONSE;
      low = {};
    }
    return tlm::TLM_OK_RESPONSE;
  }

  /// Follows a transaction that was carried out; false when a read returned something else than expected.
  bool follow(const Payload& payload) {
    if (payload.kind == tlm::TLM_IGNORE_COMMAND) return true;
    const bool streams = payload.width < payload.bytes.size();
    bool as_expected = true;
    for (std::size_t i = 0; i < payload.bytes.size() / 4; ++i) {
      const auto at = static_cast<std::uint32_t>(payload.at + 4 * (streams ? i % 2 : i));
      const auto word = word_of(payload, i);
      if (payload.kind == tlm::TLM_WRITE_COMMAND) {
        write_word(at, word);
      } else if (const auto expected = read_word(at)) {
        as_expected &= *expected == word;
      }
    }
    return as_expected;
  }

  /// The update phase: p <- clip(p - rate * accumulator) in the slot that the window shows.
  void update_selected(double accumulated) {
    auto* here = selected();
    if (!here || here->rate == 0) return;
    const double stepped = here->parameter - here->rate * accumulated;
    const double raised = stepped < here->minimum ? here->minimum : stepped;
    here->parameter = here->maximum < raised ? here->maximum : raised;
  }
  [[nodiscard]] std::uint32_t interrupt_mask() const { return mask_; }
  [[nodiscard]] std::uint32_t cell_number() const { return cell_; }
  [[nodiscard]] std::uint32_t slot_number() const { return slot_; }

 private:
  struct Row {
    std::uint32_t at;
    char access;  // r, w, b(oth)
    bool is_locked, is_double;
  };
  struct Waiting {
    std::uint32_t at = 0xFFFFFFFF;
    std::optional<std::uint32_t> word;
  };
  struct Slot {
    double parameter, rate = 0, minimum = -HUGE_VAL, maximum = HUGE_VAL, decay = 0;
    std::uint32_t view = 0;
  };

  static std::uint32_t word_of(const Payload& payload, std::size_t i) {
    std::uint32_t word = 0;
    std::memcpy(&word, payload.bytes.data() + 4 * i, 4);
    return word;
  }

  static const Row* find(std::uint32_t at) {
    static const std::vector<Row> rows = [] {
      std::vector<Row> all{{id, 'r', false, false}, {version, 'r', false, false}, {command, 'w', false, false}, {status, 'r', false, false},
                           {program, 'b', true, false}, {ticks, 'b', true, false}, {steps_per_tick, 'r', false, false}, {echo_skew, 'b', true, false},
                           {fault_tick, 'r', false, false}, {watchdog, 'b', true, false}, {weight_rate, 'b', true, true}, {tail, 'b', true, false},
                           {lock_in_period, 'b', true, false}, {harmonics_low, 'b', true, false}, {harmonics_high, 'b', true, false},
                           {fault_phase, 'r', false, false}, {irq_status, 'b', false, false}, {irq_mask, 'b', false, false}, {bank, 'b', false, false},
                           {address, 'b', false, false}, {data, 'b', false, true}, {stimuli, 'r', false, false}, {probes, 'r', false, false},
                           {drives, 'r', false, false}, {stimulus_depth, 'r', false, false}, {tick_depth, 'r', false, false}, {peak_current, 'r', false, true},
                           {cell, 'b', false, false}, {slot, 'b', false, false}, {cell_count, 'r', false, false}, {slots, 'r', false, false},
                           {parameter, 'b', true, true}, {accumulator, 'r', false, true}, {rate, 'b', true, true}, {minimum, 'b', true, true},
                           {maximum, 'b', true, true}, {decay, 'b', true, true}, {view, 'b', true, false}, {gain_plus, 'b', true, true},
                           {gain_minus, 'b', true, true}};
      for (std::uint32_t i = 0; i < 9; ++i) all.push_back({cycles_idle + 4 * i, 'r', false, false});
      return all;
    }();
    const auto found = std::ranges::find_if(rows, [at](const Row& row) { return at == row.at || (row.is_double && at == row.at + 4); });
    return found == rows.end() ? nullptr : &*found;
  }

  static bool has_unknown_code(std::uint32_t at, std::uint32_t word) {
    return (at == program && (word >> 8 & 3) == 3) || (at == bank && (word >> 16 & 7) > 4);
  }

  Slot* selected() {
    if (cell_ == 0 && slot_ < 3) return &slots_[slot_];
    return cell_ == 1 && slot_ == 0 ? &slots_[3] : nullptr;
  }

  /// Sample that the window shows, and whether it can be written; nothing beyond the memories.
  std::optional<std::pair<std::vector<double>*, bool>> memory() {
    const auto kind = bank_ >> 16 & 7, index = bank_ & 0xFFFF;
    auto* samples = kind == 0 ? &stimulus_ : kind == 1 ? &probe_ : kind == 2 ? &drive_ : kind == 3 ? &drive_minus_ : &clamp_;
    if (index > 0 || address_ >= samples->size()) return {};
    return std::pair(samples, kind != 1 && kind != 4);
  }

  /// A double's bits; nothing: not predicted.
  std::optional<std::uint64_t> double_at(std::uint32_t at) {
    const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
    if (at == weight_rate) return bits(weight_rate_);
    if (at == gain_plus) return bits(gain_plus_);
    if (at == gain_minus) return bits(gain_minus_);
    if (at == peak_current) return {};
    if (at == data) {
      const auto here = memory();
      if (!here) return 0;
      if (!here->second) return {};
      return bits((*here->first)[address_]);
    }
    const auto* here = selected();
    if (!here) return 0;
    if (at == accumulator) return {};
    if (at == parameter && std::isnan(here->parameter)) return {};
    return bits(at == parameter ? here->parameter : at == rate ? here->rate : at == minimum ? here->minimum : at == maximum ? here->maximum : here->decay);
  }

  std::optional<std::uint32_t> word_at(std::uint32_t at) {
    switch (at) {
      case id: return 0x544C474E;
      case version: return 0x00010001;
      case program: return program_;
      case ticks: return ticks_;
      case steps_per_tick: return 2;
      case echo_skew: return static_cast<std::uint32_t>(echo_skew_);
      case watchdog: return watchdog_;
      case tail: return tail_;
      case lock_in_period: return lock_in_period_;
      case harmonics_low: return harmonics_low_;
      case harmonics_high: return harmonics_high_;
      case irq_mask: return mask_;
      case bank: return bank_;
      case address: return address_;
      case stimuli: case probes: case drives: return 1;
      case stimulus_depth: return 12;
      case tick_depth: return 6;
      case cell: return cell_;
      case slot: return slot_;
      case cell_count: return 2;
      case slots: return cell_ == 0 ? 3 : cell_ == 1 ? 1 : 0;
      case view: return selected() ? selected()->view : 0;
      default: return {};
    }
  }

  std::optional<std::uint32_t> read_word(std::uint32_t at) {
    const auto& row = *find(at);
    if (!row.is_double) return word_at(at);
    const auto bits = double_at(row.at);
    const auto low = bits ? std::optional(static_cast<std::uint32_t>(*bits)) : std::nullopt;
    auto high = bits ? std::optional(static_cast<std::uint32_t>(*bits >> 32)) : std::nullopt;
    if (at == row.at) {
      high_ = {row.at, high};
      return low;
    }
    if (high_.at == row.at) high = high_.word;
    high_ = {};
    if (row.at == data) ++address_;
    return high;
  }

  void write_word(std::uint32_t at, std::uint32_t word) {
    const auto& row = *find(at);
    if (!row.is_double) return write_u32(at, word);
    if (at == row.at) {
      low_ = {row.at, word};
      return;
    }
    write_double(row.at, regmap::double_of(low_.at == row.at ? *low_.word : 0, word));
    low_ = {};
    if (row.at == data) ++address_;
  }

  void write_u32(std::uint32_t at, std::uint32_t word) {
    switch (at) {
      case program: program_ = word & 0x7F7F; return;
      case ticks: ticks_ = std::clamp(word, 1u, 6u); return;
      case echo_skew: echo_skew_ = std::clamp(static_cast<std::int32_t>(word), -4, 4); return;
      case watchdog: watchdog_ = word; return;
      case tail: tail_ = std::min(word, 4u); return;
      case lock_in_period: lock_in_period_ = std::min(word, 6u); return;
      case harmonics_low: harmonics_low_ = word; return;
      case harmonics_high: harmonics_high_ = word; return;
      case irq_mask: mask_ = word & 0xF; return;
      case bank: bank_ = word & 0x7FFFF; return;
      case address: address_ = word; return;
      case cell: cell_ = word; return;
      case slot: slot_ = word; return;
      case view:
        if (auto* here = selected(); here && here->view != (word & 1)) here->view = word & 1, here->parameter = 1 / here->parameter;
        return;
      default: return;
    }
  }

  void write_double(std::uint32_t at, double value) {
    if (at == weight_rate) weight_rate_ = value;
    if (at == gain_plus) gain_plus_ = value;
    if (at == gain_minus) gain_minus_ = value;
    if (at == data) {
      if (const auto here = memory(); here && here->second) (*here->first)[address_] = value;
      return;
    }
    auto* here = selected();
    if (!here) return;
    if (at == parameter) here->parameter = value;
    if (at == rate) here->rate = value;
    if (at == minimum) here->minimum = value;
    if (at == maximum) here->maximum = value;
    if (at == decay) here->decay = value;
  }

  std::uint32_t program_ = 0, ticks_ = 1, watchdog_ = 0, tail_ = 0, lock_in_period_ = 0, harmonics_low_ = 0, harmonics_high_ = 0;
  std::int32_t echo_skew_ = 0;
  double weight_rate_ = 0, gain_plus_ = 0, gain_minus_ = 0;
  std::uint32_t mask_ = 0, bank_ = 0, address_ = 0, cell_ = 0, slot_ = 0;
  std::vector<double> stimulus_ = std::vector<double>(12), probe_ = std::vector<double>(6), drive_ = probe_, drive_minus_ = probe_,
                      clamp_ = std::vector<double>(2);
  std::vector<Slot> slots_{{.parameter = 0.5}, {.parameter = 1.0}, {.parameter = 0.8}, {.parameter = 2.0}};
  Waiting low_, high_;
};

}  // namespace tellegen::test::board
