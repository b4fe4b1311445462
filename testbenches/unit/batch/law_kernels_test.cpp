#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "hw_models/batch/law_kernels.hpp"
#include "hw_models/lanes/dispatch.hpp"
#include "hw_models/lanes/lane_array.hpp"

using namespace tellegen;

namespace {

constexpr int lane_counts[] = {1, 8, 16};
constexpr std::size_t branches = 11;  // no multiple of any register

/// Parameters that are good for any law.
double parameter(std::size_t slot, std::size_t k) { return slot == 0 ? 1e-3 : 0.5 + 0.1 * static_cast<double>(k + slot); }

/// Branches of one law from places 0 .. branches - 1 to ground at place `branches`.
template <class Law>
struct Block {
  std::vector<std::int32_t> p, n, own;
  std::vector<double> gain, parameters, prepared, own_factor;
  LaneArray bias, f_bias;
  LawView view;

  explicit Block(int lanes) : bias(branches * static_cast<std::size_t>(lanes)), f_bias(bias.size()) {
    parameters.resize(branches * Law::parameters.size());
    for (std::size_t k = 0; k < branches; ++k) {
      p.push_back(static_cast<std::int32_t>(k));
      n.push_back(branches);
      gain.push_back(1);
      for (std::size_t s = 0; s < Law::parameters.size(); ++s) parameters[s * branches + k] = parameter(s, k);
      own.insert(own.end(), {static_cast<std::int32_t>(k), -1, -1, -1});
      own_factor.insert(own_factor.end(), {1, 0, 0, 0});
    }
    if constexpr (requires { Law::prepared_count; }) {
      prepared.resize(branches * Law::prepared_count);
      for (std::size_t k = 0; k < branches; ++k) {
        double from[Law::parameters.size()], made[Law::prepared_count];
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) from[s] = parameter(s, k);
        Law::prepare(from, made);
        for (std::size_t s = 0; s < Law::prepared_count; ++s) prepared[s * branches + k] = made[s];
      }
    }
    view = {.ports = {.count = branches, .p = p.data(), .n = n.data(), .gain_p = gain.data(), .gain_n = gain.data(), .out_p = p.data(), .out_n = n.data(),
                      .weight_p = gain.data(), .weight_n = gain.data(), .is_unit = true, .rows = branches},
            .parameters = parameters.data(), .prepared = prepared.data(), .bias = bias.data(), .f_bias = f_bias.data(), .own = own.data(),
            .own_factor = own_factor.data()};
  }
};

template <class Law>
void check_law(InstructionSet set, int lanes) {
  CAPTURE(Law::keyword);
  const auto width = static_cast<std::size_t>(lanes);
  const Block<Law> block(lanes);
  const auto& kernels = law_kernels(set).law[lane_index(lanes)][static_cast<std::size_t>(law_id<Law>())];
  std::mt19937 random(5);
  std::uniform_real_distribution<double> any(-3, 3);
  LaneArray x((branches + 1) * width), r(x.size()), own(branches * width), value(own.size()), slope(own.size()), answer(own.size());
  std::vector<double> gradient(branches * Law::parameters.size(), 0.0), expected(gradient.size(), 0.0);
  answer.fill(1);
  for (std::size_t i = 0; i < branches * width; ++i) x[i] = any(random);
  kernels.evaluate(block.view, x.data(), false, r.data(), own.data());
  LaneArray stamped(own.size()), z(own.size());
  const LawPoint point{z.data(), value.data(), slope.data()};
  kernels.linearise(block.view, x.data(), point, stamped.data());
  kernels.by_parameter(block.view, point, nullptr, answer.data(), gradient.data());
  for (std::size_t k = 0; k < branches; ++k) {
    double p[max_law_parameters] = {};
    for (std::size_t s = 0; s < Law::parameters.size(); ++s) p[s] = parameter(s, k);
    for (std::size_t lane = 0; lane < width; ++lane) {
      const auto i = k * width + lane;
      double f = 0, df = 0;
      Law::template evaluate<double>(p, x[i], f, df);
      CAPTURE(x[i]);
      CHECK(-r[i] == doctest::Approx(f).epsilon(5e-14));  // an exponent of 100 carries 100 round-offs
      CHECK(own[i] == doctest::Approx(df).epsilon(1e-13));
      CHECK(slope[i] == doctest::Approx(df).epsilon(1e-13));
      CHECK(stamped[i] == slope[i]);
      CHECK(z[i] == x[i]);
      double by_parameter[max_law_parameters] = {};
      Law::template law_by_parameter<double>(p, x[i], by_parameter);
      for (std::size_t s = 0; s < Law::parameters.size(); ++s) expected[s * branches + k] -= by_parameter[s];
    }
  }
  for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(gradient[i] == doctest::Approx(expected[i]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("laws over lanes equal laws of one number, for every instruction set and number of lanes") {
  for (const auto set : available_instruction_sets())
    for (const int lanes : lane_counts) {
      CAPTURE(name_of(set));
      CAPTURE(lanes);
      check_law<LinearLaw>(set, lanes);
      check_law<PolynomialLaw>(set, lanes);
      check_law<TanhLaw>(set, lanes);
      check_law<SinhLaw>(set, lanes);
      check_law<SineLaw>(set, lanes);
      check_law<JunctionLaw>(set, lanes);
    }
}
