import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0006_submissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SocialLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=16, verbose_name="平台")),
                ("app_id", models.CharField(max_length=64, verbose_name="应用")),
                ("openid", models.CharField(max_length=128)),
                ("unionid", models.CharField(blank=True, max_length=128, null=True)),
                ("nickname", models.CharField(blank=True, max_length=64, verbose_name="昵称")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="绑定于")),
                ("set_aside_at", models.DateTimeField(blank=True, null=True, verbose_name="搁置于")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="social_links",
                        to="menpai.customer",
                        verbose_name="顾客",
                    ),
                ),
            ],
            options={
                "verbose_name": "第三方账号",
                "verbose_name_plural": "第三方账号",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("set_aside_at__isnull", True)),
                        fields=("provider", "app_id", "openid"),
                        name="one_customer_per_openid",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("set_aside_at__isnull", True), ("unionid__isnull", False)),
                        fields=("provider", "unionid"),
                        name="one_customer_per_unionid",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("set_aside_at__isnull", True)),
                        fields=("customer", "provider"),
                        name="one_link_per_provider",
                    ),
                ],
            },
        ),
    ]
