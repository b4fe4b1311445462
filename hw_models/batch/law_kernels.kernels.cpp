#include <algorithm>

#include "hw_models/batch/law_kernels.hpp"
#include "hw_models/batch/port_access.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

/// Kernels of one law.
template <class Law, int W>
struct OfLaw {
  using T = Lanes<W>;
  static constexpr std::size_t parameters = Law::parameters.size();

  static HWY_INLINE void load_parameters(const LawView& view, std::int32_t k, T* own) {
    for (std::size_t s = 0; s < parameters; ++s) own[s] = view.parameters[s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(k)];
  }
  /// Deviation of the controlling variable.
  static HWY_INLINE T deviation(const LawView& view, const T& v, std::int32_t k) {
    if (view.past_in == nullptr) return v;
    return fma(T(view.w_in), v, at<W>(view.past_in, k));
  }
  /// Law and slope at a deviation from the bias. A memoryless branch is evaluated where it stands; D would make the round-off
  /// of a difference large.
  static HWY_INLINE void change(const LawView& view, const T* own, const T& u, std::int32_t k, T& g, T& slope) {
    if (view.past_in == nullptr && view.past_out == nullptr) {
      Law::template evaluate<T>(own, at<W>(view.bias, k) + u, g, slope);
      g = g - at<W>(view.f_bias, k);
    } else {
      Law::template deviation<T>(own, at<W>(view.bias, k), u, g, slope);
    }
  }

  static constexpr bool has_prepared = requires { Law::prepared_count; };
  static HWY_INLINE void load_prepared(const LawView& view, std::int32_t k, T* own) {
    if constexpr (has_prepared)
      for (std::size_t s = 0; s < Law::prepared_count; ++s) own[s] = view.prepared[s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(k)];
  }

  /// Parameters of a branch, as they are or prepared.
  static constexpr std::size_t most_values = [] {
    if constexpr (has_prepared)
      return Law::prepared_count > parameters ? Law::prepared_count : parameters;
    else
      return parameters;
  }();

  static constexpr std::size_t held_values = [] {
    if constexpr (has_prepared)
      return Law::prepared_count;
    else
      return parameters;
  }();

  /// Law and slope at z, from the prepared parameters where there are some.
  static HWY_INLINE void evaluate_at(const LawView& view, const T& z, std::int32_t k, T& f, T& slope) {
    if constexpr (has_prepared) {
      T own[Law::prepared_count];
      load_prepared(view, k, own);
      Law::template evaluate_prepared<T>(own, z, f, slope);
    } else {
      T own[parameters];
      load_parameters(view, k, own);
      Law::template evaluate<T>(own, z, f, slope);
    }
  }

  static HWY_INLINE void add_stamps(const LawView& view, std::int32_t k, const T& conductance, double* own_entries) {
    for (int j = 0; j < 4; ++j) {
      const std::int64_t place = view.own[4 * k + j];
      if (place < 0) break;
      fma(T(view.own_factor[4 * k + j]), conductance, at<W>(own_entries, place)).store(own_entries + place * W);
    }
  }

  static HWY_INLINE void take_branch(const LawView& view, std::int32_t k, const T& v, T current, const T& conductance, bool direct, double* r, double* own_entries) {
    // The matrix multiplies the unknown part alone.
    if (direct) current = fnma(conductance, view.known != nullptr ? v - at<W>(view.known, k) : v, current);
    take_out_of_rows<W>(view.ports, k, current, r);
    add_stamps(view, k, conductance, own_entries);
  }

  /// One sample: so many branches at a time. What is written number by number is read side by side; a read right behind would wait
  /// until the writes have reached the cache.
  static constexpr std::int32_t chunk = 64;

  /// Calls work(first branch, branches) for chunks of eight branches or more. @returns the first branch of the few left
  template <class Work>
  static HWY_INLINE std::int32_t for_chunks(std::int32_t count, Work work) {
    std::int32_t first = 0;
    for (; first + 8 <= count; first += std::min(chunk, count - first)) work(first, std::min(chunk, count - first));
    return first;
  }

  /// One sample: eight branches side by side fill the registers that samples do not. The last eight may be in part those before.
  static HWY_INLINE void evaluate_chunk(const LawView& view, std::int32_t first, std::int32_t count, const double* z, double* g, double* slope) {
    for (std::int32_t i = 0; i < count; i += 8) {
      const auto from = std::min(i, count - 8);
      evaluate_eight(view, first + from, z + from, g + from, slope + from);
    }
  }
  static HWY_INLINE void evaluate_eight(const LawView& view, std::int32_t first, const double* z, double* g, double* slope) {
    using Many = Lanes<8>;
    Many own[most_values], value, rise;
    const auto load = [&](const double* from, std::size_t count) {
      for (std::size_t s = 0; s < count; ++s) own[s] = Many::load_any(from + s * static_cast<std::size_t>(view.ports.count) + static_cast<std::size_t>(first));
    };
    if constexpr (has_prepared) {
      load(view.prepared, Law::prepared_count);
      Law::template evaluate_prepared<Many>(own, Many::load_any(z), value, rise);
    } else {
      load(view.parameters, parameters);
      Law::template evaluate<Many>(own, Many::load_any(z), value, rise);
    }
    value.store_any(g);
    rise.store_any(slope);
  }

  static void evaluate(const LawView& view, const double* x, bool direct, double* r, double* own_entries) {
    std::int32_t k = 0;
    if (view.past_in == nullptr && view.past_out == nullptr) {
      if constexpr (W == 1) {
        alignas(lane_alignment) double z[chunk], g[chunk], slope[chunk];
        const PortView ports = view.ports;
        k = for_chunks(view.ports.count, [&](std::int32_t first, std::int32_t count) TELLEGEN_ALWAYS_INLINE {
          for (std::int32_t i = 0; i < count; ++i) z[i] = view.bias[first + i] + voltage<W>(ports, x, first + i).value;
          evaluate_chunk(view, first, count, z, g, slope);
          for (std::int32_t i = 0; i < count; ++i)
            take_branch(view, first + i, voltage<W>(ports, x, first + i), g[i] - view.f_bias[first + i], slope[i], direct, r, own_entries);
        });
      }
      for (; k < view.ports.count; ++k) {
        const T v = voltage<W>(view.ports, x, k);
        T g, slope;
        evaluate_at(view, at<W>(view.bias, k) + v, k, g, slope);
        take_branch(view, k, v, g - at<W>(view.f_bias, k), slope, direct, r, own_entries);
      }
      return;
    }
    for (; k < view.ports.count; ++k) {
      T own[parameters], g, slope;
      load_parameters(view, k, own);
      const T v = voltage<W>(view.ports, x, k);
      change(view, own, deviation(view, v, k), k, g, slope);
      T current = g;
      if (view.past_out != nullptr) current = fma(T(view.w_out), g, at<W>(view.past_out, k));
      take_branch(view, k, v, current, (view.w_in * view.w_out) * slope, direct, r, own_entries);
    }
  }

  static void operands(const LawView& view, const double* x, double* v_out, double* g_out) {
    for (std::int32_t k = 0; k < view.ports.count; ++k) {
      T own[parameters], g, slope;
      load_parameters(view, k, own);
      const T v = voltage<W>(view.ports, x, k);
      change(view, own, deviation(view, v, k), k, g, slope);
      v.store(v_out + static_cast<std::int64_t>(k) * W);
      g.store(g_out + static_cast<std::int64_t>(k) * W);
    }
  }

  static void controlling(const LawView& view, const double* x, double* z) {
    for (std::int32_t k = 0; k < view.ports.count; ++k)
      (at<W>(view.bias, k) + deviation(view, voltage<W>(view.ports, x, k), k)).store(z + static_cast<std::int64_t>(k) * W);
  }

  static void limit(const LawView& view, const double* x, const double* d, double* fraction) {
    if constexpr (Law::largest_step < HUGE_VAL) {
      T lowest = T::load(fraction);
      for (std::int32_t k = 0; k < view.ports.count; ++k) {
        T own[parameters];
        load_parameters(view, k, own);
        const T scale = abs(Law::template step_scale<T>(own));
        const T change = abs(view.w_in * voltage<W>(view.ports, d, k)) / scale;
        const T next = abs((at<W>(view.bias, k) + deviation(view, voltage<W>(view.ports, x, k), k)) / scale);
        const T most(Law::largest_step);
        const auto too_far = most < change && most < next;
        lowest = min(lowest, select(too_far, most / change, T(1.0)));
      }
      lowest.store(fraction);
    }
  }

  static void linearise(const LawView& view, const double* x, const LawPoint& point, double* own_entries) {
    const T factor(view.w_in * view.w_out);
    std::int32_t k = 0;
    if constexpr (W == 1) {
      const PortView ports = view.ports;
      k = for_chunks(view.ports.count, [&](std::int32_t first, std::int32_t count) TELLEGEN_ALWAYS_INLINE {
        if (x != nullptr)
          for (auto i = first; i < first + count; ++i) point.z[i] = view.bias[i] + voltage<W>(ports, x, i).value + (view.known != nullptr ? view.known[i] : 0);
        evaluate_chunk(view, first, count, point.z + first, point.value + first, point.slope + first);
        for (auto i = first; i < first + count; ++i) add_stamps(view, i, factor * at<W>(point.slope, i), own_entries);
      });
    }
    for (; k < view.ports.count; ++k) {
      const std::int64_t place = static_cast<std::int64_t>(k) * W;
      T z, value, slope;
      if (x != nullptr) {
        z = at<W>(view.bias, k) + voltage<W>(view.ports, x, k);
        if (view.known != nullptr) z += at<W>(view.known, k);
        z.store(point.z + place);
      } else {
        z = at<W>(point.z, k);
      }
      evaluate_at(view, z, k, value, slope);
      value.store(point.value + place);
      slope.store(point.slope + place);
      add_stamps(view, k, factor * slope, own_entries);
    }
  }

  static void by_parameter(const LawView& view, const LawPoint& point, const double* x, const double* response, double* gradient) {
    const auto count = static_cast<std::size_t>(view.ports.count);
    std::int32_t k = 0;
    if constexpr (W == 1) {
      alignas(lane_alignment) double answer[chunk];
      const PortView ports = view.ports;
      for (; k + 8 <= view.ports.count;) {
        const auto first = k, end = first + std::min(chunk, (view.ports.count - first) / 8 * 8);
        for (auto i = first; i < end; ++i) answer[i - first] = response != nullptr ? response[i] : row_difference<W>(ports, x, i).value;
        for (; k < end; k += 8) {
          Lanes<8> change[parameters];
          slopes_by_parameter<Lanes<8>>(view, point, k, change);
          for (std::size_t s = 0; s < parameters; ++s) {
            double* const to = gradient + s * count + static_cast<std::size_t>(k);
            fnma(Lanes<8>::load(answer + (k - first)), change[s], Lanes<8>::load_any(to)).store_any(to);
          }
        }
      }
    }
    for (; k < view.ports.count; ++k) {
      T change[parameters];
      slopes_by_parameter<T>(view, point, k, change);
      const T answer = response != nullptr ? at<W>(response, k) : row_difference<W>(view.ports, x, k);
      for (std::size_t s = 0; s < parameters; ++s) gradient[s * count + static_cast<std::size_t>(k)] -= sum(answer * change[s]);
    }
  }

 private:
  /// df/dp of the lanes of branch k; of one sample, of the branches from k on that V holds.
  template <class V>
  static HWY_INLINE void slopes_by_parameter(const LawView& view, const LawPoint& point, std::int32_t k, V* change) {
    const auto at_point = [&](const double* x) { return V::load_any(x + static_cast<std::int64_t>(k) * W); };
    V own[most_values];
    const double* const from = has_prepared ? view.prepared : view.parameters;
    for (std::size_t s = 0; s < held_values; ++s) own[s] = of_place<W, V>(from + s * static_cast<std::size_t>(view.ports.count), static_cast<std::int64_t>(k) * W);
    if constexpr (has_prepared)
      Law::template law_by_parameter_prepared<V>(own, at_point(point.z), at_point(point.value), at_point(point.slope), change);
    else
      Law::template law_by_parameter<V>(own, at_point(point.z), change);
  }
};

template <int W, std::size_t I>
constexpr LawKernelSet law_table() {
  using K = OfLaw<std::tuple_element_t<I, LawList>, W>;
  return {&K::evaluate, &K::operands, &K::controlling, &K::limit, &K::linearise, &K::by_parameter};
}

template <int W, std::size_t... I>
constexpr void fill_laws(LawKernelSet* laws, std::index_sequence<I...>) {
  ((laws[I] = law_table<W, I>()), ...);
}

constexpr LawKernelTable make_table() {
  LawKernelTable table{};
  constexpr std::make_index_sequence<std::tuple_size_v<LawList>> all;
  fill_laws<1>(table.law[0], all);
  fill_laws<8>(table.law[1], all);
  fill_laws<16>(table.law[2], all);
  return table;
}

constinit const LawKernelTable table = make_table();

}  // namespace

const LawKernelTable& law_kernels() { return table; }

}  // namespace tellegen::TELLEGEN_TARGET
