#include <doctest/doctest.h>

#include <bit>
#include <cstdint>

#include "hw_models/solver/branch_block.hpp"
#include "hw_models/solver/differentiation.hpp"
#include "hw_models/solver/lane.hpp"
#include "unit/elements/law_samples.hpp"

using namespace tellegen;
using namespace tellegen::test;

namespace {

/// Counts the results of two roads to one number, and those that differ in a bit.
class Agreement {
 public:
  void compare(double a, double b) {
    ++compared_;
    if (std::bit_cast<std::uint64_t>(a) != std::bit_cast<std::uint64_t>(b)) ++different_;
  }
  void check() const {
    CHECK(compared_ > 0);
    CHECK(different_ == 0);
  }

 private:
  int compared_ = 0, different_ = 0;
};

/// Fills lanes with different numbers, in turn from a list.
template <std::size_t W>
std::vector<Lane<W>> in_lanes(const std::vector<double>& values) {
  std::vector<Lane<W>> lanes((values.size() + W - 1) / W, Lane<W>(0.0));
  for (std::size_t i = 0; i < values.size(); ++i) lanes[i / W][i % W] = values[i];
  return lanes;
}

/// Every output of a law kernel over lanes equals the scalar kernel's, sample by sample.
template <std::size_t W>
void check_kernels() {
  std::mt19937 random(8);
  for_each_law([&]<class Law>() {
    CAPTURE(Law::keyword);
    Agreement agreement;
    const auto scalar = kernels_of<double>(law_id<Law>());
    const auto vector = kernels_of<Lane<W>>(law_id<Law>());
    for (int draw = 0; draw < 4; ++draw) {
      constexpr std::size_t width = 3;
      // Three branches of different parameters in each of W samples.
      std::vector<double> p(W * width * Law::parameters.size());
      std::vector<Lane<W>> lane_p(width * Law::parameters.size(), Lane<W>(0.0));
      for (std::size_t i = 0; i < W; ++i)
        for (std::size_t k = 0; k < width; ++k) {
          const auto own = draw_parameters<Law>(random);
          for (std::size_t s = 0; s < Law::parameters.size(); ++s)
            p[(i * Law::parameters.size() + s) * width + k] = lane_p[s * width + k][i] = own[s];
        }
      auto variables = scaled_variables<Law>();
      std::ranges::shuffle(variables, random);
      for (std::size_t first = 0; first < variables.size(); first += W * width) {
        std::vector<Lane<W>> z(width, Lane<W>(0.0)), d(width, Lane<W>(0.0)), f(width), slope(width), g(width), g_slope(width);
        for (std::size_t k = 0; k < width; ++k)
          for (std::size_t i = 0; i < W; ++i) {
            z[k][i] = 0.3 * variables[(first + k * W + i) % variables.size()];
            d[k][i] = i % 2 == 0 ? 1e-3 * z[k][i] : 0.7 - 0.2 * static_cast<double>(i);
          }
        vector.evaluate(vector.law, width, lane_p.data(), z.data(), f.data(), slope.data());
        vector.deviate(vector.law, width, lane_p.data(), z.data(), d.data(), g.data(), g_slope.data());
        for (std::size_t i = 0; i < W; ++i) {
          double z1[width], d1[width], f1[width], slope1[width];
          for (std::size_t k = 0; k < width; ++k) z1[k] = z[k][i], d1[k] = d[k][i];
          const double* const own = p.data() + i * Law::parameters.size() * width;
          scalar.evaluate(scalar.law, width, own, z1, f1, slope1);
          for (std::size_t k = 0; k < width; ++k) {
            agreement.compare(f[k][i], f1[k]);
            agreement.compare(slope[k][i], slope1[k]);
            agreement.compare(vector.step_scale(vector.law, width, lane_p.data(), k)[i], scalar.step_scale(scalar.law, width, own, k));
          }
          scalar.deviate(scalar.law, width, own, z1, d1, f1, slope1);
          for (std::size_t k = 0; k < width; ++k) {
            agreement.compare(g[k][i], f1[k]);
            agreement.compare(g_slope[k][i], slope1[k]);
          }
        }
      }
    }
    agreement.check();
  });
}

template <std::size_t W>
void check_operators(History history) {
  constexpr std::size_t steps = 150, width = 2;
  for (const Method method : {Method::be, Method::bdf2, Method::trap})
    for (const double order : {-1.0, -0.5, 0.0, 0.5, 0.6, 1.0}) {
      CAPTURE(name_of(method));
      CAPTURE(order);
      CAPTURE(name_of(history));
      Agreement agreement;
      const TimeGrid grid{.step = 0.1, .steps = steps, .method = method, .history = history};
      DifferentiationBank<Lane<W>> vector(order, width, grid);
      std::vector<DifferentiationBank<double>> scalar(W, DifferentiationBank<double>(order, width, grid));
      for (std::size_t n = 0; n < steps; ++n) {
        Lane<W> x[width], past[width];
        for (std::size_t k = 0; k < width; ++k)
          for (std::size_t i = 0; i < W; ++i) x[k][i] = std::sin(0.1 * static_cast<double>(n * (i + 1)) + static_cast<double>(k));
        vector.history(past);
        for (std::size_t i = 0; i < W; ++i) {
          double x1[width], past1[width];
          for (std::size_t k = 0; k < width; ++k) x1[k] = x[k][i];
          scalar[i].history(past1);
          for (std::size_t k = 0; k < width; ++k) agreement.compare(past[k][i], past1[k]);
          scalar[i].accept(x1, past1);
        }
        vector.accept(x, past);
      }
      agreement.check();
    }
}

}  // namespace

TEST_CASE("every law over lanes equals the scalar law to the last bit, whatever the mixture of samples") {
  check_kernels<4>();
  check_kernels<8>();
}

TEST_CASE("potentials and derivatives of every law over lanes equal the scalar ones to the last bit") {
  std::mt19937 random(9);
  for_each_law([&]<class Law>() {
    using Vector = Lane<8>;
    CAPTURE(Law::keyword);
    Agreement agreement;
    const auto p = draw_parameters<Law>(random);
    const auto lane_p = as<Vector, Law>(p);
    auto variables = scaled_variables<Law>();
    std::ranges::shuffle(variables, random);
    for (const auto& z : in_lanes<8>(variables)) {
      Vector law[max_law_parameters], potential[max_law_parameters], contrast[max_law_parameters];
      const Vector d = 0.4 - 0.1 * z, energy = Law::template potential<Vector>(lane_p.data(), z);
      Law::template law_by_parameter<Vector>(lane_p.data(), z, law);
      Law::template potential_by_parameter<Vector>(lane_p.data(), z, potential);
      Law::template potential_contrast<Vector>(lane_p.data(), z, d, contrast);
      for (std::size_t i = 0; i < 8; ++i) {
        double law1[max_law_parameters], potential1[max_law_parameters], contrast1[max_law_parameters];
        agreement.compare(energy[i], Law::template potential<double>(p.data(), z[i]));
        Law::template law_by_parameter<double>(p.data(), z[i], law1);
        Law::template potential_by_parameter<double>(p.data(), z[i], potential1);
        Law::template potential_contrast<double>(p.data(), z[i], d[i], contrast1);
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) {
          agreement.compare(law[s][i], law1[s]);
          agreement.compare(potential[s][i], potential1[s]);
          agreement.compare(contrast[s][i], contrast1[s]);
        }
      }
    }
    agreement.check();
  });
}

TEST_CASE("every operator over lanes equals the scalar operator to the last bit") {
  for (const History history : {History::direct, History::fft, History::exponentials_20, History::exponentials_32}) {
    check_operators<4>(history);
    check_operators<8>(history);
  }
}

TEST_CASE("a choice takes each sample from its own side") {
  Lane<4> a(1.0), b(2.0), x(0.0);
  for (std::size_t i = 0; i < 4; ++i) x[i] = static_cast<double>(i);
  const Lane<4> low = select(x < 2.0, a, b), both = select(x > 0.0 && x < 3.0, a, b);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(low[i] == (i < 2 ? 1.0 : 2.0));
    CHECK(both[i] == (i == 1 || i == 2 ? 1.0 : 2.0));
  }
}
