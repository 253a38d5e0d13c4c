import numpy as np
import pytest
from scipy import stats

from data_generation.copula import CORRELATION, LATENTS, Beta, Gamma, LogNormal, Marginal, correlated_normals, draw


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_the_correlation_matrix_is_symmetric_and_positive_definite() -> None:
    matrix = np.array(CORRELATION)
    assert matrix.shape == (len(LATENTS), len(LATENTS))
    assert (matrix == matrix.T).all()
    assert (np.diag(matrix) == 1).all()
    assert np.linalg.eigvalsh(matrix).min() > 0.1


def test_normals_correlate_as_the_matrix_says(rng: np.random.Generator) -> None:
    normals = correlated_normals(rng, 100_000)
    assert normals.std(axis=1) == pytest.approx(1, abs=0.01)
    assert np.abs(np.corrcoef(normals) - np.array(CORRELATION)).max() < 0.015


@pytest.mark.parametrize(
    ("marginal", "reference"),
    [
        (LogNormal(median=40, sigma=0.5), stats.lognorm(s=0.5, scale=40)),
        (Beta(mean=0.2, concentration=10), stats.beta(2, 8)),
        (Gamma(mean=6, shape=1.5), stats.gamma(1.5, scale=4)),
    ],
)
def test_a_table_gives_the_quantile_of_each_normal(marginal: Marginal, reference: stats.rv_continuous) -> None:
    normals = np.array([-4.0, -1.2345, 0.0, 0.6789, 3.21])
    drawn = draw([marginal], np.zeros(5, dtype=np.int32), normals)
    assert drawn == pytest.approx(reference.ppf(stats.norm.cdf(normals)), rel=1e-4)


def test_each_customer_takes_the_marginal_of_the_own_kind() -> None:
    medians = draw(
        [LogNormal(median=10, sigma=1), LogNormal(median=20, sigma=1)], np.array([1, 0], dtype=np.int32), np.zeros(2)
    )
    assert medians == pytest.approx([20, 10])


@pytest.mark.parametrize("extreme", [-40.0, 40.0])
def test_a_normal_beyond_the_table_takes_its_end(extreme: float) -> None:
    ends = draw([LogNormal(1, 1), LogNormal(2, 1)], np.array([0, 1], dtype=np.int32), np.full(2, extreme))
    assert ends == pytest.approx(np.array([1, 2]) * np.exp(np.sign(extreme) * 5.12), rel=1e-3)
