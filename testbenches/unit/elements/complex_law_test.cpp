#include <doctest/doctest.h>

#include "hw_models/elements/laws/complex_law.hpp"
#include "unit/elements/law_samples.hpp"

using namespace tellegen;
using Complex = std::complex<double>;

namespace {

/// Calls visit(law, p) with random parameters for every built-in law, and for an expression that is none of them.
template <class Visit>
void for_each_continued_law(Visit&& visit) {
  std::mt19937 random(7);
  test::for_each_law([&]<class Law>() {
    for (int i = 0; i < 5; ++i) {
      auto p = test::draw_parameters<Law>(random);
      if constexpr (std::is_same_v<Law, JunctionLaw>) p[0] = 1e-6;
      visit(Law{}, p);
    }
  });
  const ExpressionLaw own(Expression::parse("a*z + b*atan(z/c) + a*z^3/(1+z^2) + b*(sqrt(1+z^2)-1)*exp(-z)", {}, "f"),
                          {{"a", 0.4}, {"b", 0.7}, {"c", 0.9}}, {}, "f");
  visit(own, test::LawValues{0.4, 0.7, 0.9});
}

template <class Law>
double scale_of(const Law& law, const test::LawValues& p) {
  if constexpr (std::is_same_v<Law, ExpressionLaw>) return 1;
  return std::min(1.0, law.template step_scale<double>(p.data()));
}

bool near(Complex a, Complex b, double tolerance, double size) { return std::abs(a - b) <= tolerance * size; }

}  // namespace

TEST_CASE("a law's continuation is the law itself on the real axis") {
  for_each_continued_law([](const auto& law, const test::LawValues& p) {
    const double scale = scale_of(law, p);
    for (const double u : {-3.0, -0.7, 0.0, 1e-3, 0.4, 2.0}) {
      double f = 0, slope = 0;
      Complex f_complex, slope_complex;
      law.template evaluate<double>(p.data(), u * scale, f, slope);
      evaluate_complex(law, p.data(), u * scale, f_complex, slope_complex);
      CHECK(near(f_complex, f, 1e-13, std::abs(f) + 1e-300));
      CHECK(near(slope_complex, slope, 1e-12, std::abs(slope)));
      for (const double d : {0.3, -1e-6, 1.7}) {
        double contrast[max_law_parameters] = {};
        Complex continued[max_law_parameters] = {};
        law.template potential_contrast<double>(p.data(), u * scale, d * scale, contrast);
        potential_contrast_complex(law, p.data(), u * scale, d * scale, continued);
        double size = 0;
        for (const double c : contrast) size = std::max(size, std::abs(c));
        for (std::size_t s = 0; s < parameter_count(law); ++s) {
          CAPTURE(law.keyword);
          CAPTURE(u);
          CAPTURE(d);
          CHECK(near(continued[s], contrast[s], 1e-9, std::abs(contrast[s]) + 1e-5 * size));
        }
      }
    }
  });
}

TEST_CASE("a law's continuation is analytic: its differences along and across the real axis are both its slope") {
  for_each_continued_law([](const auto& law, const test::LawValues& p) {
    const double scale = scale_of(law, p), h = 1e-5 * scale;
    for (const Complex u : {Complex(0.3, 0.4), Complex(-1.2, 0.2), Complex(0.0, -0.8)}) {
      const auto f = [&](Complex z) {
        Complex value, slope;
        evaluate_complex(law, p.data(), z, value, slope);
        return value;
      };
      Complex value, slope;
      evaluate_complex(law, p.data(), u * scale, value, slope);
      const Complex i(0, 1);
      CHECK(near((f(u * scale + h) - f(u * scale - h)) / (2 * h), slope, 1e-7, std::abs(slope) + std::abs(value) / scale));
      CHECK(near((f(u * scale + i * h) - f(u * scale - i * h)) / (2.0 * i * h), slope, 1e-7, std::abs(slope) + std::abs(value) / scale));
    }
  });
}

TEST_CASE("the potential's slopes are continued analytically, too, and small contrasts keep their digits") {
  for_each_continued_law([](const auto& law, const test::LawValues& p) {
    const double scale = scale_of(law, p), z = 0.6 * scale, h = 1e-4;
    const auto contrast = [&](Complex d) {
      std::array<Complex, max_law_parameters> out{};
      potential_contrast_complex(law, p.data(), z, d * scale, out.data());
      return out;
    };
    const Complex i(0, 1);
    for (const Complex d : {Complex(0.2, 0.3), Complex(-0.5, 0.1)}) {
      const auto right = contrast(d + h), left = contrast(d - h), up = contrast(d + i * h), down = contrast(d - i * h);
      for (std::size_t s = 0; s < parameter_count(law); ++s) {
        const auto along = (right[s] - left[s]) / (2 * h), across = (up[s] - down[s]) / (2.0 * i * h);
        CHECK(near(along, across, 1e-6, std::abs(along) + 1e-12));
      }
    }
    // F_p(z + d) - F_p(z) = f_p(z) d for a d far below the resolution of F_p(z)
    double by_parameter[max_law_parameters] = {};
    law.template law_by_parameter<double>(p.data(), z, by_parameter);
    const auto tiny = contrast(1e-11 * i);
    for (std::size_t s = 0; s < parameter_count(law); ++s) CHECK(near(tiny[s] / (1e-11 * i * scale), by_parameter[s], 1e-4, std::abs(by_parameter[s])));
  });
}

TEST_CASE("an expression that is not analytic is known by the function that makes it so") {
  const auto function_in = [](const char* text) {
    const auto law = std::make_shared<const ExpressionLaw>(Expression::parse(text, {}, "f"), std::vector<NamedValue>{{"a", 1}}, SourceLocation{}, "f");
    return std::string(not_analytic(LawChoice(law)));
  };
  CHECK(function_in("a*z*abs(z)") == "abs");
  CHECK(function_in("a*min(z, z^3)") == "min");
  CHECK(function_in("z > 0 ? a*z : 2*a*z") == ">");
  CHECK(function_in("a*z+pwr(z,3)") == "pwr");
  CHECK(function_in("abs(a)*tanh(z)") == "");
  CHECK(function_in("a > 2 ? z : a*sin(z)") == "");
}
